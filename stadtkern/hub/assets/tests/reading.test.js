/** Reading values off a drawing, and when a live part waits: pure parts, without a browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, shareAt } from "../behaviours/chart-read.js";
import { isBusy } from "../behaviours/live-part.js";

const POINTS = [[0, "a"], [0.25, "b"], [0.9, "c"]];

test("the nearest point of a moment is read", () => {
  assert.equal(nearest(POINTS, 0), 0);
  assert.equal(nearest(POINTS, 0.2), 1);
  assert.equal(nearest(POINTS, 0.57), 1);
  assert.equal(nearest(POINTS, 1), 2);
});

test("a pointer is measured within the field of values, whatever the size on the screen", () => {
  const place = { left: 40, field: 720, width: 800 };
  assert.equal(shareAt(40, 800, place), 0);
  assert.equal(shareAt(200, 400, place), 0.5);
  assert.equal(shareAt(0, 800, place), 0);
  assert.equal(shareAt(800, 800, place), 1);
});

test("a part waits while it is hidden, focused, or its table is read", () => {
  const part = (inside, table = null) => ({ contains: () => inside, querySelector: () => table });
  assert.equal(isBusy(part(false), { hidden: false }), false);
  assert.equal(isBusy(part(false), { hidden: true }), true);
  assert.equal(isBusy(part(true), { hidden: false }), true);
  assert.equal(isBusy(part(false, {}), { hidden: false }), true);
});
