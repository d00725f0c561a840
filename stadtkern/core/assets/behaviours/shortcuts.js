/** Work with the keys at the desk. Put on the frame of the page:
 *
 *  <div data-enhance="shortcuts"> … <input data-shortcut="/"> <summary data-shortcut="a"> <button data-shortcut="?">
 *  <div data-row-keys="a:tun-antwort n:tun-notiz"> <tr data-row> <a href="…"> <input type="checkbox"> </tr> </div>
 *
 *  j and k go through the rows, o opens and x selects the one with the focus; any other key of data-row-keys opens
 *  that row at the part of its page with this id. A key never acts while somebody types, in an open dialog, or when
 *  this device has them switched off (WCAG 2.1.4) by <input type="checkbox" data-shortcuts-on>.
 */
const SHELF = "stadtkern.shortcuts";
const STILL = new Set(["checkbox", "radio", "button", "submit", "reset", "image"]);

export const areOn = (shelf = globalThis.localStorage) => shelf?.getItem(SHELF) !== "off";
export const switchTo = (on, shelf = globalThis.localStorage) => (on ? shelf?.removeItem(SHELF) : shelf?.setItem(SHELF, "off"));

/** Somebody types, or a letter has a meaning of its own there (a select jumps to it). */
export function isTyping(target) {
  const field = target?.closest?.("input, textarea, select, [contenteditable]");
  return Boolean(field) && !STILL.has(field.type);
}

/** The single key that is meant as a shortcut, or "". */
export function keyOf(event) {
  const other = event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented;
  return other || event.key?.length !== 1 || isTyping(event.target) ? "" : event.key;
}

/** The place after one step through a list, from outside (-1) to its first or last entry; it ends at its ends. */
export function stepTo(place, by, count) {
  if (place < 0) return by > 0 ? 0 : count - 1;
  return Math.min(count - 1, Math.max(0, place + by));
}

/** "a:tun-antwort n:tun-notiz" as a map of keys. */
export const keysOf = (text) => new Map((text ?? "").split(/\s+/).filter(Boolean).map((pair) => pair.split(":")));

export default function shortcuts(frame, signal) {
  document.addEventListener("keydown", (event) => {
    const key = keyOf(event);
    if (!key || !areOn() || document.querySelector("dialog[open]")) return;
    if (press(frame, key) || onRow(frame, key)) event.preventDefault();
  }, { signal });
  const choice = frame.querySelector("[data-shortcuts-on]");
  if (choice) choice.checked = areOn();
  choice?.addEventListener("change", () => switchTo(choice.checked), { signal });
  openNamed(frame, window.location.hash.slice(1));
}

/** What stands on the page for this key: fields get the cursor, folds open, buttons are pressed. */
function press(frame, key) {
  const element = frame.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
  if (!element) return false;
  const fold = element.closest("summary")?.parentElement;
  if (fold) openFold(fold);
  else if (element.matches("input, textarea, select")) element.focus();
  else element.click();
  return true;
}

function openFold(fold) {
  fold.open = true;
  const field = fold.querySelector("textarea, select, input:not([type=hidden])") ?? fold.querySelector("button, summary");
  field?.focus();
  fold.scrollIntoView({ block: "nearest" });
}

/** A page asked for by /…#tun-antwort shows that part open, or has its button at hand. */
function openNamed(frame, id) {
  const named = id && frame.querySelector(`[id="${CSS.escape(id)}"]`);
  if (!named) return;
  if (named.matches("details")) openFold(named);
  else if (named.matches("form")) named.querySelector("button")?.focus();
}

function onRow(frame, key) {
  const rows = [...frame.querySelectorAll("[data-row]")];
  const row = document.activeElement?.closest?.("[data-row]");
  const by = { j: 1, k: -1 }[key];
  if (by && rows.length) {
    rows[stepTo(rows.indexOf(row), by, rows.length)].querySelector("a")?.focus();
    return true;
  }
  return Boolean(row) && actOn(row, key);
}

function actOn(row, key) {
  const link = row.querySelector("a");
  const part = keysOf(row.closest("[data-row-keys]")?.dataset.rowKeys).get(key);
  const choice = row.querySelector("input[type=checkbox]");
  if (key === "o") link?.click();
  else if (key === "x") choice?.click();
  else if (part && link) window.location.assign(`${link.href}#${part}`);
  else return false;
  return true;
}
