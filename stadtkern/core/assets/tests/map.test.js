import assert from "node:assert/strict";
import { test } from "node:test";
import { addressFor, asksForView, cluster, shortCount } from "../map/marks.js";

const at = (lon, lat, properties = {}) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties });

test("an address that asks for the view gets it", () => {
  assert.equal(asksForView("/meldungen/karte.json?bbox={bbox}&zoom={zoom}"), true);
  assert.equal(asksForView("/feeds/baeume.geojson"), false);
  assert.equal(addressFor("/k?bbox={bbox}&zoom={zoom}", [7.1, 51.4, 7.2, 51.5], 12.6), "/k?bbox=7.10000,51.40000,7.20000,51.50000&zoom=13");
});

test("neighbours on the screen become one mark with their number; clusters of the server count as many", () => {
  const project = ([lon, lat]) => ({ x: lon * 100, y: lat * 100 });
  const marks = cluster([at(0.1, 0.1, { title: "a" }), at(0.2, 0.1), at(3, 3, { title: "alone" }), at(0.3, 0.2, { point_count: 40 })], project);
  assert.equal(marks.length, 2);
  assert.equal(marks[0].properties.point_count, 42);
  assert.equal(marks[1].properties.title, "alone");
});

test("large numbers fit a circle", () => {
  assert.equal(shortCount(37, "de"), "37");
  assert.equal(shortCount(134_627, "en"), "134.6K");
});
