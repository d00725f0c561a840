import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyRow, spotOf } from "../behaviours/draw-boxes.js";

const frame = { left: 100, top: 50, width: 400, height: 200 };

test("a drag in any direction is the same spot, in percent", () => {
  const spot = { x: 25, y: 50, w: 50, h: 25 };
  assert.deepEqual(spotOf(frame, { x: 200, y: 150 }, { x: 400, y: 200 }), spot);
  assert.deepEqual(spotOf(frame, { x: 400, y: 200 }, { x: 200, y: 150 }), spot);
  assert.deepEqual(spotOf(frame, { x: 400, y: 150 }, { x: 200, y: 200 }), spot);
});

test("a drag beyond the edge ends at the edge", () => {
  assert.deepEqual(spotOf(frame, { x: 300, y: 150 }, { x: 9000, y: 9000 }), { x: 50, y: 50, w: 50, h: 50 });
  assert.deepEqual(spotOf(frame, { x: -9, y: -9 }, { x: 140, y: 70 }), { x: 0, y: 0, w: 10, h: 10 });
});

test("a touch is no spot", () => {
  assert.equal(spotOf(frame, { x: 300, y: 150 }, { x: 300, y: 150 }), null);
  assert.equal(spotOf(frame, { x: 300, y: 150 }, { x: 400, y: 150 }), null);
});

test("the first row without a number is filled, never one that has some", () => {
  const full = [{ value: "1" }, { value: "" }];
  const free = [{ value: "" }, { value: "" }];
  assert.equal(emptyRow([full, free, [{ value: "" }]]), free);
  assert.equal(emptyRow([full]), null);
});
