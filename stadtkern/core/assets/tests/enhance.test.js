import assert from "node:assert/strict";
import { test } from "node:test";
import { enhance, retire } from "../enhance.js";
import { Element } from "./page.js";

test("every name starts its behaviour once, with a signal that ends with the element", async () => {
  const started = [];
  const load = async (name) => ({ default: (element, signal) => started.push([name, signal]) });
  const form = new Element({ dataset: { enhance: "draft  photos" } });
  const root = new Element({ below: [form] });

  await enhance(root, load);
  await enhance(root, load);
  assert.deepEqual(started.map(([name]) => name), ["draft", "photos"]);
  assert.equal(started[0][1].aborted, false);

  retire(root);
  assert.equal(started[0][1].aborted, true);
  await enhance(root, load);
  assert.equal(started.length, 4);
});

test("a broken behaviour does not stop the others", async (context) => {
  const said = context.mock.method(console, "error", () => {});
  const started = [];
  const load = async (name) => {
    if (name === "broken") throw new Error("no such file");
    return { default: () => started.push(name) };
  };
  await enhance(new Element({ below: [new Element({ dataset: { enhance: "broken menu" } })] }), load);
  assert.deepEqual(started, ["menu"]);
  assert.equal(said.mock.callCount(), 1);
});

test("a button sleeps until its own behaviour listens", async () => {
  let begin;
  const begun = new Promise((done) => { begin = done; });
  const place = new Element({ dataset: { enhance: "pick-place" } });
  const button = new Element({ dataset: { enhance: "" }, disabled: true, closest: () => place });
  place.below = [button];
  const form = new Element({ dataset: { enhance: "steps" }, below: [button] });
  const load = async (name) => {
    if (name === "pick-place") await begun;
    return { default: () => {} };
  };

  await enhance(form, load);
  assert.equal(button.disabled, true, "the form around it is no reason");
  const started = enhance(place, load);
  assert.equal(button.disabled, true);
  begin();
  await started;
  assert.equal(button.disabled, false);
});
