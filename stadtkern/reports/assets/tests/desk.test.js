/** The desk's behaviours: pure parts, without a browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inserted } from "../behaviours/insert-block.js";

test("a text block fills an empty field", () => {
  assert.deepEqual(inserted("", "Guten Tag.", 0, 0), { text: "Guten Tag.", caret: 10 });
});

test("what was typed before and after stays", () => {
  assert.equal(inserted("Vorher. Nachher.", "Block.", 8, 8).text, "Vorher.\n\nBlock.\n\nNachher.");
});

test("only what is marked is replaced, and the caret stands behind the block", () => {
  const made = inserted("Vorher. ALT Nachher.", "Block.", 8, 11);
  assert.equal(made.text, "Vorher.\n\nBlock.\n\nNachher.");
  assert.equal(made.text.slice(0, made.caret), "Vorher.\n\nBlock.");
});
