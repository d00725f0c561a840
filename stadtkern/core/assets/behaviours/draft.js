/** Keeps what is typed and photographed on the device until it was sent.
 *
 *  <form data-enhance="draft" data-draft="report" data-words-restored="…" data-words-drop="…">
 *  Passwords, tokens and fields marked data-no-draft are never kept.
 */
import { DRAFTS, drop, get, put } from "../outbox/store.js";

const NEVER = new Set(["csrfmiddlewaretoken", "idempotency_key"]);
const OLDEST = 14 * 24 * 60 * 60 * 1000;

/** The fields of a form as [name, value] pairs, without what must not be kept. */
export function fieldsOf(form) {
  const pairs = [];
  for (const field of form.elements) {
    if (!field.name || NEVER.has(field.name) || field.type === "password" || field.type === "file") continue;
    if (field.hasAttribute?.("data-no-draft") || field.matches?.("button, fieldset")) continue;
    if ((field.type === "checkbox" || field.type === "radio") && !field.checked) continue;
    pairs.push([field.name, field.value]);
  }
  return pairs;
}

/** Writes pairs back; answers whether anything was different. */
export function restore(form, pairs) {
  let changed = false;
  for (const field of form.elements) {
    if (!field.name || NEVER.has(field.name) || field.type === "file" || field.matches?.("button, fieldset")) continue;
    const values = pairs.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") {
      const on = values.includes(field.value);
      changed ||= on !== field.checked;
      field.checked = on;
    } else if (values.length && values[0] !== field.value) {
      field.value = values[0];
      changed = true;
    }
  }
  return changed;
}

export default function draft(form, signal) {
  const id = form.dataset.draft || window.location.pathname;
  let files = [];
  let timer = null;
  let done = false;
  const save = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (!done) put(DRAFTS, { id, fields: fieldsOf(form), files, kept_at: Date.now() }).catch(() => {}); }, 400);
  };
  form.addEventListener("input", save, { signal });
  form.addEventListener("change", save, { signal });
  form.addEventListener("photos:changed", ({ detail }) => { files = detail.files; save(); }, { signal });
  form.addEventListener("draft:done", () => { done = true; clearTimeout(timer); drop(DRAFTS, id).catch(() => {}); }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  if (form.querySelector("[aria-invalid=true]")) return;
  bringBack(form, id, signal).catch(() => {});
}

async function bringBack(form, id, signal) {
  const kept = await get(DRAFTS, id);
  if (!kept) return;
  if (Date.now() - kept.kept_at > OLDEST) { await drop(DRAFTS, id); return; }
  const changed = restore(form, kept.fields);
  if (kept.files.length) {
    form.querySelector("[data-enhance~=photos]")?.dispatchEvent(new CustomEvent("photos:restore", { detail: { files: kept.files } }));
  }
  if (!changed && !kept.files.length) return;
  form.dispatchEvent(new Event("change", { bubbles: true }));
  form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
  sayRestored(form, id, signal);
}

function sayRestored(form, id, signal) {
  const note = Object.assign(document.createElement("p"), { className: "waiting" });
  note.setAttribute("role", "status");
  note.append(form.dataset.wordsRestored ?? "");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "kern-btn kern-btn--tertiary btn-small", textContent: form.dataset.wordsDrop ?? "×" });
  button.addEventListener("click", async () => { await drop(DRAFTS, id); window.location.reload(); }, { signal });
  note.append(button);
  form.prepend(note);
}
