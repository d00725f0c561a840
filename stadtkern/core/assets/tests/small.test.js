import assert from "node:assert/strict";
import { test } from "node:test";
import { lettersLeft } from "../behaviours/count-letters.js";
import { fitInto } from "../behaviours/photos.js";
import { remembered } from "../behaviours/my-place.js";
import { stepOf } from "../behaviours/steps.js";
import { ageOf } from "../behaviours/page-age.js";
import { whereAmI } from "../places/position.js";
import { hitsOf } from "../places/suggest.js";

test("letters are counted as the server counts them", () => {
  assert.equal(lettersLeft(10, "Baum 🌳"), 4);
  assert.equal(lettersLeft(10, "a\nb"), 6);
  assert.equal(lettersLeft(2, "abc"), -1);
});

test("a photo fits into 2048 pixels, keeps its shape and never grows", () => {
  assert.deepEqual(fitInto(4096, 3072), { width: 2048, height: 1536 });
  assert.deepEqual(fitInto(3000, 6000), { width: 1024, height: 2048 });
  assert.deepEqual(fitInto(800, 600), { width: 800, height: 600 });
  assert.deepEqual(fitInto(100_000, 1), { width: 2048, height: 1 });
});

test("a remembered place must be a place", () => {
  const shelf = (text) => ({ getItem: () => text });
  assert.equal(remembered(shelf(null)), null);
  assert.equal(remembered(shelf("not json")), null);
  assert.equal(remembered(shelf('{"label":"Rathaus"}')), null);
  assert.deepEqual(remembered(shelf('{"label":"Rathaus","lat":51.4,"lon":7.2}')), { label: "Rathaus", lat: 51.4, lon: 7.2 });
});

test("the position is asked for, and its failure is an error", async () => {
  const found = { getCurrentPosition: (done) => done({ coords: { latitude: 51.48, longitude: 7.21, accuracy: 9 } }) };
  assert.deepEqual(await whereAmI(found), { lat: 51.48, lon: 7.21, exact_m: 9 });
  await assert.rejects(whereAmI({ getCurrentPosition: (done, fail) => fail(new Error("denied")) }));
  await assert.rejects(whereAmI(null));
});

test("addresses are read from a list, a wrapped list and GeoJSON; nonsense is left out", () => {
  const hit = { label: "Rathaus", lat: 51.48, lon: 7.21 };
  assert.deepEqual(hitsOf([hit]), [hit]);
  assert.deepEqual(hitsOf({ hits: [{ ...hit, lat: "51.48", lon: "7.21" }] }), [hit]);
  const feature = { geometry: { coordinates: [7.21, 51.48] }, properties: { label: "Rathaus" } };
  assert.deepEqual(hitsOf({ features: [feature] }), [hit]);
  assert.deepEqual(hitsOf([{ label: "", lat: 1, lon: 2 }, { label: "x", lat: "north", lon: 2 }]), []);
  assert.deepEqual(hitsOf(null), []);
});

test("a field knows its step", () => {
  const inside = {};
  const steps = [{ contains: () => false }, { contains: (field) => field === inside }];
  assert.equal(stepOf(steps, inside), 1);
  assert.equal(stepOf(steps, {}), -1);
});

test("the age of a kept page in words", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  assert.equal(ageOf("2026-11-23T11:50:00Z", now, "de"), "vor 10 Minuten");
  assert.equal(ageOf("2026-11-23T07:00:00Z", now, "de-simple"), "vor 5 Stunden");
  assert.equal(ageOf("2026-11-20T12:00:00Z", now, "en"), "3 days ago");
});

test("arrows walk through all hits and back to the field", async () => {
  const { whereTo } = await import("../behaviours/search-keys.js");
  assert.equal(whereTo("ArrowDown", -1, 3), 0);
  assert.equal(whereTo("ArrowDown", 2, 3), 2);
  assert.equal(whereTo("ArrowUp", 0, 3), -1);
  assert.equal(whereTo("Escape", 2, 3), -1);
  assert.equal(whereTo("End", 0, 3), 2);
  assert.equal(whereTo("End", -1, 3), null);
  assert.equal(whereTo("ArrowDown", -1, 0), null);
  assert.equal(whereTo("a", 1, 3), null);
});

test("tiles: pinned first, then by use, hidden ones gone, nonsense forgotten", async () => {
  const { kept, ordered, used } = await import("../behaviours/tiles.js");
  const none = { use: {}, pinned: [], hidden: [] };
  assert.deepEqual(ordered(["a", "b", "c"], none), ["a", "b", "c"]);
  assert.deepEqual(ordered(["a", "b", "c"], { ...none, use: { c: 2, b: 1 } }), ["c", "b", "a"]);
  assert.deepEqual(ordered(["a", "b", "c"], { use: { a: 9 }, pinned: ["c", "b"], hidden: ["a"] }), ["c", "b"]);
  assert.deepEqual(kept({ getItem: () => "not json" }), none);
  assert.deepEqual(kept({ getItem: () => '{"use":{"a":"x","b":2},"pinned":"no","hidden":[1,"c"]}' }), { use: { b: 2 }, pinned: [], hidden: ["c"] });
  assert.equal(used(none, "a").use.a, 1);
  assert.deepEqual(used({ ...none, use: { a: 1000, b: 3 } }, "a").use, { a: 500, b: 1 });
});
