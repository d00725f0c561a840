/** Search by keys: "/" goes to the field, the arrows walk through the hits of all groups, Escape comes back.
 *
 *  <div data-enhance="search-keys"> <input type="search"> … <a> in [data-hits] </div>
 *  The single key "/" can be switched off like those of the desk (display settings, WCAG 2.1.4).
 */
import { areOn, keyOf } from "./shortcuts.js";

/** Where a key leads in a list of `count` hits from `at` (-1: the field); null when it is none of ours. */
export function whereTo(key, at, count) {
  if (!count) return null;
  if (key === "ArrowDown") return Math.min(at + 1, count - 1);
  if (key === "ArrowUp") return at - 1;
  if (at < 0) return null;
  return { Home: 0, End: count - 1, Escape: -1 }[key] ?? null;
}

export default function searchKeys(box, signal) {
  const field = box.querySelector("input[type=search]");
  const hits = () => [...box.querySelectorAll("[data-hits] a.line")];

  document.addEventListener("keydown", (event) => {
    if (keyOf(event) !== "/" || !areOn() || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    field.focus();
    field.select();
  }, { signal });

  box.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const list = hits();
    const at = list.indexOf(document.activeElement);
    if (at < 0 && document.activeElement !== field) return;
    const goal = whereTo(event.key, at, list.length);
    if (goal === null || (goal === -1 && at < 0)) return;
    event.preventDefault();
    (goal < 0 ? field : list[goal]).focus();
  }, { signal });
}
