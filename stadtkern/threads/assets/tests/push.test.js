import assert from "node:assert/strict";
import { test } from "node:test";
import push, { bytesOf } from "../behaviours/push.js";

/** As much of a page and a browser as the behaviour touches. */
function stage({ subscription = null, answer = { ok: true }, refused = false } = {}) {
  const part = () => Object.assign(new EventTarget(), { hidden: true, textContent: "" });
  const parts = { "[data-push-on]": part(), "[data-push-off]": part(), "[data-push-state]": part() };
  const box = {
    dataset: { key: "AQAB", on: "/on", off: "/off", wordsOn: "on", wordsOff: "off", wordsRefused: "refused", wordsFailed: "failed", wordsCannot: "cannot" },
    querySelector: (name) => parts[name],
  };
  const state = { subscription, sent: [], ended: 0 };
  const made = { endpoint: "https://push.example/1", unsubscribe: async () => { state.ended += 1; state.subscription = null; } };
  if (state.subscription) state.subscription = made;
  const pushManager = {
    getSubscription: async () => state.subscription,
    subscribe: async ({ applicationServerKey, userVisibleOnly }) => {
      if (refused) throw Object.assign(new Error("no"), { name: "NotAllowedError" });
      assert.deepEqual([...applicationServerKey], [1, 0, 1]);
      assert.equal(userVisibleOnly, true);
      return (state.subscription = made);
    },
  };
  Object.defineProperty(globalThis, "navigator", { value: { serviceWorker: { ready: Promise.resolve({ pushManager }) } }, configurable: true });
  globalThis.window = { PushManager: class {} };
  globalThis.document = { querySelector: () => ({ value: "token" }) };
  globalThis.fetch = async (url, given) => { state.sent.push([url, given]); return answer; };
  return { box, parts, state };
}

const settle = () => new Promise((resolve) => { setTimeout(resolve, 5); });
const press = async (button) => { button.dispatchEvent(new Event("click")); await settle(); };

test("a browser without push says so", async () => {
  const { box, parts } = stage();
  globalThis.window = {};
  push(box, new AbortController().signal);
  assert.equal(parts["[data-push-state]"].textContent, "cannot");
  assert.equal(parts["[data-push-on]"].hidden, true);
});

test("signing on sends the subscription with the token, signing off ends it", async () => {
  const { box, parts, state } = stage();
  await push(box, new AbortController().signal);
  assert.equal(parts["[data-push-on]"].hidden, false);
  await press(parts["[data-push-on]"]);
  assert.equal(state.sent[0][0], "/on");
  assert.equal(state.sent[0][1].headers["X-CSRFToken"], "token");
  assert.equal(JSON.parse(state.sent[0][1].body).endpoint, "https://push.example/1");
  assert.equal(parts["[data-push-state]"].textContent, "on");
  await press(parts["[data-push-off]"]);
  assert.equal(state.sent[1][0], "/off");
  assert.equal(state.ended, 1);
  assert.equal(parts["[data-push-off]"].hidden, true);
});

test("a no of the person and a no of the server are told, and nothing half is left", async () => {
  const first = stage({ refused: true });
  await push(first.box, new AbortController().signal);
  await press(first.parts["[data-push-on]"]);
  assert.equal(first.parts["[data-push-state]"].textContent, "refused");
  const second = stage({ answer: { ok: false, status: 503 } });
  await push(second.box, new AbortController().signal);
  await press(second.parts["[data-push-on]"]);
  assert.equal(second.parts["[data-push-state]"].textContent, "failed");
  assert.equal(second.state.ended, 1);
});

test("the key is base64url", () => {
  assert.deepEqual([...bytesOf("-_8")], [251, 255]);
});
