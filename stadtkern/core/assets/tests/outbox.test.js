import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { OUTBOX, all, drop, get, put } from "../outbox/store.js";
import { pack, parcel, unpack } from "../outbox/parcel.js";
import { keep, sendAll, sendOne, waiting } from "../outbox/sending.js";

const form = (text = "Die Laterne ist dunkel") => {
  const data = new FormData();
  data.append("csrfmiddlewaretoken", "old");
  data.append("text", text);
  data.append("tag", "a");
  data.append("tag", "b");
  data.append("photos", new File(["jpeg"], "laterne.jpg", { type: "image/jpeg" }));
  data.append("photos", new File([], ""));
  return data;
};
const report = (given = {}) => parcel({ data: form(), url: "/melden/", page: "/melden/", title: "Laterne", id: "key-1", now: 1, ...given });
const answers = (...list) => {
  const calls = [];
  const request = async (url, options = {}) => {
    calls.push({ url, ...options });
    const next = list[Math.min(calls.length, list.length) - 1];
    if (next instanceof Error) throw next;
    const headers = new Headers(next.problem ? { "Content-Type": "application/problem+json" } : {});
    const answer = { ok: next.status < 300, status: next.status, url: next.url ?? url, redirected: Boolean(next.redirected), headers };
    return { ...answer, text: async () => next.text ?? "", json: async () => next.problem };
  };
  return { request, calls };
};

beforeEach(async () => {
  for (const { id } of await all(OUTBOX)) await drop(OUTBOX, id);
});

test("a form comes out of its parcel as it went in, without the empty file", async () => {
  const data = unpack(pack(form()));
  assert.deepEqual(data.getAll("tag"), ["a", "b"]);
  assert.equal(data.getAll("photos").length, 1);
  assert.equal(await data.get("photos").text(), "jpeg");
  assert.equal(data.get("photos").name, "laterne.jpg");
});

test("without a network it waits, with one it is sent once with its key", async () => {
  await keep(report());
  const gone = answers(new TypeError("offline"));
  assert.equal(await sendAll(gone.request), false);
  assert.equal((await get(OUTBOX, "key-1")).state, "waiting");
  assert.equal((await get(OUTBOX, "key-1")).attempts, 1);

  const back = answers({ status: 200, url: "/melden/danke/abc/" });
  assert.equal(await sendAll(back.request), true);
  assert.equal(back.calls[0].headers["Idempotency-Key"], "key-1");
  assert.equal(back.calls[0].body.get("text"), "Die Laterne ist dunkel");
  const sent = await get(OUTBOX, "key-1");
  assert.equal(sent.state, "sent");
  assert.equal(sent.answer_url, "/melden/danke/abc/");
  assert.deepEqual(sent.files, [], "photos do not stay on the device");

  await sendAll(back.request);
  assert.equal(back.calls.length, 1);
});

test("two tabs at once speak of one report", async () => {
  await keep(report());
  const city = answers({ status: 200 });
  await Promise.all([sendAll(city.request), sendAll(city.request)]);
  const keys = new Set(city.calls.map((call) => call.headers["Idempotency-Key"]));
  assert.deepEqual([...keys], ["key-1"], "the key makes them one");
});

test("a busy city is asked again later, a refusal is shown to a person", async () => {
  await keep(report());
  await sendAll(answers({ status: 503 }).request);
  assert.equal((await get(OUTBOX, "key-1")).state, "waiting");
  await sendAll(answers({ status: 422 }).request);
  const failed = await get(OUTBOX, "key-1");
  assert.equal(failed.state, "failed");
  assert.equal(failed.fields.length, 4, "nothing typed is lost");
});

test("an old token is renewed from the form's page", async () => {
  const item = report();
  await put(OUTBOX, item);
  const city = answers({ status: 403 }, { status: 200, text: '<input name="csrfmiddlewaretoken" value="new">' }, { status: 200 });
  assert.equal(await sendOne(item, city.request), true);
  assert.equal(city.calls[2].body.get("csrfmiddlewaretoken"), "new");
  assert.equal((await get(OUTBOX, "key-1")).state, "sent");
});

test("parcels leave in the order they were written; the first that finds nobody holds the rest", async () => {
  await keep(report({ id: "second", now: 2 }));
  await keep(report({ id: "first", now: 1 }));
  assert.deepEqual((await waiting()).map(({ id }) => id), ["first", "second"]);
  const gone = answers(new TypeError("offline"));
  await sendAll(gone.request);
  assert.equal(gone.calls.length, 1);
});

test("a refusal is kept in the city's words, with everything that was typed", async () => {
  await keep(report());
  const problem = { title: "Das geht so nicht", detail: "Bitte prüfen Sie Ihre Angaben.", errors: { told: "Bitte schreiben Sie einen Satz." } };
  await sendAll(answers({ status: 422, problem }).request);
  const failed = await get(OUTBOX, "key-1");
  assert.equal(failed.reason, "Bitte prüfen Sie Ihre Angaben. Bitte schreiben Sie einen Satz.");
  assert.equal(failed.files.length, 1);
});

test("who is signed out loses nothing: it waits, holds up nobody and goes when they are back", async () => {
  await keep(report({ id: "mine", now: 1 }));
  await keep(report({ id: "other", now: 2 }));
  const login = { status: 200, redirected: true, url: "https://stadt.example/konto/anmelden/login/?next=/desk/" };
  assert.equal(await sendAll(answers(login, { status: 200 }).request), true);
  const mine = await get(OUTBOX, "mine");
  assert.deepEqual([mine.state, mine.sign_in, mine.files.length], ["waiting", true, 1]);
  assert.equal((await get(OUTBOX, "other")).state, "sent");
  await sendAll(answers({ status: 200 }).request);
  assert.equal((await get(OUTBOX, "mine")).state, "sent");
});
