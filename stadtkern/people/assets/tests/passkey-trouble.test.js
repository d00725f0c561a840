import { test } from "node:test";
import assert from "node:assert/strict";
import passkeyTrouble from "../behaviours/passkey-trouble.js";

function told(ending) {
  globalThis.document = new EventTarget();
  const element = { hidden: true };
  passkeyTrouble(element, ending.signal);
  return [element, () => globalThis.document.dispatchEvent(new Event("allauth.error", { cancelable: true }))];
}

test("a failed ceremony shows the message and keeps the console quiet", () => {
  const [element, fail] = told(new AbortController());
  assert.equal(fail(), false, "the event is taken");
  assert.equal(element.hidden, false);
});

test("it ends with its element", () => {
  const ending = new AbortController();
  const [element, fail] = told(ending);
  ending.abort();
  fail();
  assert.equal(element.hidden, true);
});
