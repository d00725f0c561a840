/** The citizens' behaviours: pure parts, without a browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newKey } from "../behaviours/fresh-key.js";
import { fits } from "../behaviours/kinds.js";
import { forget, keep, kept } from "../behaviours/remember-report.js";

class Shelf {
  #items = new Map();
  getItem(name) { return this.#items.get(name) ?? null; }
  setItem(name, value) { this.#items.set(name, String(value)); }
}

test("every form has a key of its own, long enough for the server", () => {
  const keys = new Set(Array.from({ length: 200 }, newKey));
  assert.equal(keys.size, 200);
  assert.ok([...keys].every((key) => key.length >= 8 && key.length <= 200));
});

test("a kind is found by any of its words, whatever the accents", () => {
  assert.ok(fits("Straßenlampe laterne licht", "LATERNE"));
  assert.ok(fits("Straßenlampe", "strassen"));
  assert.ok(fits("Müll und Sperrmüll", "mull"));
  assert.ok(fits("Spiel·gerät", "spielgerat"));
  assert.ok(!fits("Straßenlampe", "müll"));
  assert.ok(!fits("Straßenlampe laterne", "laterne müll"));
  assert.ok(fits("Straßenlampe", "  "));
});

test("a report is kept once on the device, newest first, and can be forgotten", () => {
  const shelf = new Shelf();
  keep({ number: "7", title: "Lampe", path: "/m/a/" }, shelf);
  keep({ number: "8", title: "Müll", path: "/m/b/" }, shelf);
  keep({ number: "7", title: "Lampe", path: "/m/c/" }, shelf);
  assert.deepEqual(kept(shelf).map((one) => one.path), ["/m/c/", "/m/b/"]);
  forget("7", shelf);
  assert.deepEqual(kept(shelf).map((one) => one.number), ["8"]);
});

test("a shelf that holds nonsense counts as empty", () => {
  const shelf = new Shelf();
  for (const text of ["not json", "{}", "[1, null]", '"x"']) {
    shelf.setItem("stadtkern.reports", text);
    assert.deepEqual(kept(shelf), []);
  }
});

test("a public screen asks first, then leaves; a touch begins anew", async (t) => {
  const { watch } = await import("../behaviours/kiosk.js");
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const heard = [];
  const clock = watch({ idle: 90, asking: 20, ask: () => heard.push("ask"), leave: () => heard.push("leave") });
  t.mock.timers.tick(80);
  clock.touch();
  t.mock.timers.tick(80);
  assert.deepEqual(heard, []);
  t.mock.timers.tick(10);
  assert.deepEqual(heard, ["ask"]);
  clock.touch();
  t.mock.timers.tick(90);
  t.mock.timers.tick(20);
  assert.deepEqual(heard, ["ask", "ask", "leave"]);
});

test("a public screen forgets forms and shelves", async () => {
  const { forgetEverything } = await import("../behaviours/kiosk.js");
  const done = [];
  const shelf = (name) => ({ clear: () => done.push(name) });
  await forgetEverything({ querySelectorAll: () => [{ reset: () => done.push("form") }] }, [shelf("local"), shelf("session")]);
  assert.deepEqual(done, ["form", "local", "session"]);
});

test("the things near by are read from the list", async () => {
  const { thingsOf } = await import("../behaviours/near-assets.js");
  const link = { dataset: { asset: "Laterne 4711", lat: "51.5", lon: "7.2", label: "Weg 1", icon: "lamp" }, textContent: " Laterne 4711, 12 m " };
  const found = thingsOf({ querySelectorAll: () => [link] });
  assert.deepEqual(found, [{ id: "Laterne 4711", lat: 51.5, lon: 7.2, label: "Weg 1", icon: "lamp", words: "Laterne 4711, 12 m" }]);
});

test("the number of a thing is not asked for twice", async () => {
  const { numberIn } = await import("../behaviours/kinds.js");
  assert.equal(numberIn("Laterne 4711"), "4711");
  assert.equal(numberIn("4711a "), "4711a");
  assert.equal(numberIn("Schauspielhaus"), "");
});
