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
