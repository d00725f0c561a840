import assert from "node:assert/strict";
import { test } from "node:test";
import { endsHere, isOfReader, isPersonal, isStill, kindOf } from "../outbox/routes.js";

const HERE = "https://stadt.example";
const ask = (path, given = {}) => kindOf({ url: HERE + path, method: "GET", mode: "navigate", ...given }, HERE);

test("public pages may be kept, personal ones never", () => {
  for (const path of ["/", "/melden/", "/meldungen/", "/meldungen/4711/", "/karte/", "/datenschutz/"]) assert.equal(ask(path), "page", path);
  for (const path of ["/konto/", "/konto/daten/", "/desk/meldungen/", "/mitteilungen/", "/m/3kf9sk2mfn4k2/", "/melden/danke/3kf9sk2mfn4k2/"]) assert.equal(ask(path), "personal", path);
});

test("only reading pages and files of this city are answered", () => {
  assert.equal(ask("/melden/", { method: "POST" }), "");
  assert.equal(ask("/api/v1/reports", { mode: "cors" }), "");
  assert.equal(kindOf({ url: "https://elsewhere.example/", method: "GET", mode: "navigate" }, HERE), "");
  assert.equal(ask("/static/core/core.3fd9a1b2c4d5.css", { mode: "no-cors" }), "still");
});

test("a file with its content's hash never changes", () => {
  assert.equal(isStill("/static/core/core.3fd9a1b2c4d5.css"), true);
  assert.equal(isStill("/static/chunks/map-P6SG3Q65.js"), true);
  assert.equal(isStill("/static/core/core.css"), false);
});

test("a page can say that it is somebody's own", () => {
  const answer = (headers) => ({ headers: new Headers(headers) });
  assert.equal(isPersonal(answer({ "Cache-Control": "private, max-age=0" })), true);
  assert.equal(isPersonal(answer({ "Cache-Control": "no-store" })), true);
  assert.equal(isPersonal(answer({ "Cache-Control": "no-cache" })), false);
  assert.equal(isPersonal(answer({})), false);
});

test("who leaves is noticed, and takes along what they read but not the shell", () => {
  const post = (path, method = "POST") => endsHere({ url: HERE + path, method });
  for (const path of ["/konto/anmelden/logout/", "/konto/daten/loeschen/", "/mitteilungen/vergessen/"]) assert.equal(post(path), true, path);
  for (const path of ["/melden/senden", "/konto/anmelden/login/"]) assert.equal(post(path), false, path);
  assert.equal(post("/konto/anmelden/logout/", "GET"), false);
  assert.deepEqual(["pages-2", "own-fields", "shell-1x", "still-1"].filter(isOfReader), ["pages-2", "own-fields"]);
});
