import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldsOf, restore } from "../behaviours/draft.js";
import { field } from "./page.js";

test("what must not be kept is not kept", () => {
  const elements = [
    field("text", "Laterne"), field("csrfmiddlewaretoken", "x"), field("idempotency_key", "k"),
    field("password", "geheim", { type: "password" }), field("photos", "C:\\fakepath", { type: "file" }),
    field("email", "a@b.de", { hasAttribute: (name) => name === "data-no-draft" }),
    field("tag", "a", { type: "checkbox", checked: true }), field("tag", "b", { type: "checkbox" }), field("", "nameless"),
  ];
  assert.deepEqual(fieldsOf({ elements }), [["text", "Laterne"], ["tag", "a"]]);
});

test("a draft comes back into its fields, and says whether it changed anything", () => {
  const text = field("text", "");
  const box = field("tag", "b", { type: "checkbox" });
  assert.equal(restore({ elements: [text, box] }, [["text", "Laterne"], ["tag", "b"]]), true);
  assert.equal(text.value, "Laterne");
  assert.equal(box.checked, true);
  assert.equal(restore({ elements: [text, box] }, [["text", "Laterne"], ["tag", "b"]]), false);
});
