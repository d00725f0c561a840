/** The keys of the desk: what counts as a shortcut, where j and k lead, the switch on the device. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { areOn, isTyping, keyOf, keysOf, stepTo, switchTo } from "../behaviours/shortcuts.js";

const on = (type) => ({ closest: () => (type ? { type } : null) });
const pressed = (key, given = {}) => ({ key, target: on(null), ...given });

test("a letter is a shortcut only outside of fields and alone", () => {
  assert.equal(keyOf(pressed("j")), "j");
  assert.equal(keyOf(pressed("?")), "?");
  for (const type of ["text", "search", "textarea", "select-one", undefined]) {
    assert.equal(keyOf(pressed("j", { target: { closest: () => ({ type }) } })), "", String(type));
  }
  for (const held of ["ctrlKey", "metaKey", "altKey", "isComposing", "defaultPrevented"]) {
    assert.equal(keyOf(pressed("a", { [held]: true })), "", held);
  }
  for (const key of ["Enter", "Escape", "Tab", "Dead", undefined]) assert.equal(keyOf(pressed(key)), "");
});

test("a box that was just ticked does not take the letters", () => {
  assert.equal(isTyping(on("checkbox")), false);
  assert.equal(isTyping(on("radio")), false);
  assert.equal(isTyping(on("date")), true);
  assert.equal(isTyping(null), false);
});

test("j and k begin at the ends and stop there", () => {
  assert.deepEqual([stepTo(-1, 1, 3), stepTo(0, 1, 3), stepTo(2, 1, 3)], [0, 1, 2]);
  assert.deepEqual([stepTo(-1, -1, 3), stepTo(2, -1, 3), stepTo(0, -1, 3)], [2, 1, 0]);
});

test("the keys of a row are read from the page", () => {
  assert.deepEqual([...keysOf("a:tun-antwort  s:tun-schritt")], [["a", "tun-antwort"], ["s", "tun-schritt"]]);
  assert.equal(keysOf(undefined).size, 0);
});

test("the device remembers that they are off, and only that", () => {
  const kept = new Map();
  const shelf = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) };
  assert.equal(areOn(shelf), true);
  switchTo(false, shelf);
  assert.equal(areOn(shelf), false);
  switchTo(true, shelf);
  assert.equal(areOn(shelf), true);
  assert.equal(kept.size, 0);
});
