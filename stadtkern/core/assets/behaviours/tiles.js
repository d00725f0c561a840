/** The tiles of the first page in the order this device uses them; what is pinned stands first, what is hidden is gone.
 *  Counts and choices stay in this browser. Without JavaScript the order is the house's.
 *
 *  <section data-enhance="tiles" data-words-pin=… data-words-hide=…> [data-tile=key]… <button data-arrange> <dialog> [data-tiles-list]
 */
const SHELF = "stadtkern.tiles";
const EMPTY = { use: {}, pinned: [], hidden: [] };
const MOST_USES = 1000;

export function kept(storage = localStorage) {
  try {
    const given = JSON.parse(storage.getItem(SHELF) ?? "null") ?? {};
    const list = (value) => (Array.isArray(value) ? value.filter((key) => typeof key === "string") : []);
    const use = Object.fromEntries(Object.entries(given.use ?? {}).filter(([, count]) => Number.isFinite(count)));
    return { use, pinned: list(given.pinned), hidden: list(given.hidden) };
  } catch {
    return structuredClone(EMPTY);
  }
}

const keep = (choice, storage = localStorage) => storage.setItem(SHELF, JSON.stringify(choice));

/** The keys in the order to show: pinned ones, then by use; equal ones as the house orders them. */
export function ordered(keys, { use, pinned, hidden }) {
  const rank = (key) => (pinned.includes(key) ? pinned.indexOf(key) - pinned.length : 0);
  return keys
    .filter((key) => !hidden.includes(key))
    .sort((a, b) => rank(a) - rank(b) || (use[b] ?? 0) - (use[a] ?? 0) || keys.indexOf(a) - keys.indexOf(b));
}

/** One more use; before a count grows without end all are halved. */
export function used(choice, key) {
  const use = { ...choice.use, [key]: (choice.use[key] ?? 0) + 1 };
  const halve = use[key] > MOST_USES;
  return { ...choice, use: halve ? Object.fromEntries(Object.entries(use).map(([name, count]) => [name, Math.floor(count / 2)])) : use };
}

export default function tiles(section, signal) {
  const all = [...section.querySelectorAll("[data-tile]")];
  const keys = all.map(({ dataset }) => dataset.tile);
  const dialog = section.querySelector("dialog");
  const list = section.querySelector("[data-tiles-list]");
  const named = (key) => all[keys.indexOf(key)];
  let choice = kept();

  function show() {
    const order = ordered(keys, choice);
    for (const key of keys) named(key).hidden = !order.includes(key);
    const parent = all[0]?.parentElement;
    const now = [...(parent?.querySelectorAll("[data-tile]:not([hidden])") ?? [])].map(({ dataset }) => dataset.tile);
    if (now.join() !== order.join()) parent?.append(...order.map(named));
  }

  function change(next) {
    choice = next;
    keep(choice);
    show();
  }

  const box = (words, checked, act) => {
    const label = Object.assign(document.createElement("label"), { className: "choice" });
    const input = Object.assign(document.createElement("input"), { type: "checkbox", className: "check-box", checked });
    input.addEventListener("change", () => act(input.checked), { signal });
    label.append(input, Object.assign(document.createElement("span"), { className: "choice-text", textContent: words }));
    return label;
  };
  const toggled = (name, key) => (on) => change({ ...choice, [name]: [...choice[name].filter((each) => each !== key), ...(on ? [key] : [])] });

  function fill() {
    list.replaceChildren(...keys.map((key) => {
      const item = document.createElement("li");
      const group = Object.assign(document.createElement("fieldset"), { className: "fieldset" });
      const name = named(key).querySelector("h3")?.textContent ?? key;
      const choices = Object.assign(document.createElement("div"), { className: "choices choices-row" });
      choices.append(
        box(section.dataset.wordsPin, choice.pinned.includes(key), toggled("pinned", key)),
        box(section.dataset.wordsHide, choice.hidden.includes(key), toggled("hidden", key)),
      );
      group.append(Object.assign(document.createElement("legend"), { textContent: name }), choices);
      item.append(group);
      return item;
    }));
  }

  section.addEventListener("click", ({ target }) => {
    const tile = target.closest("a, button") && target.closest("[data-tile]");
    if (tile) { choice = used(choice, tile.dataset.tile); keep(choice); }
    if (target.closest("[data-arrange]")) { fill(); dialog.showModal(); }
    if (target.closest("[data-tiles-reset]")) { change(structuredClone(EMPTY)); fill(); }
  }, { signal });
  if (keys.length > 1 && dialog?.showModal) section.querySelector("[data-arrange]").hidden = false;
  show();
}
