/** Addresses while typing: a combobox with a list (ARIA 1.2), by mouse, finger and keyboard. */
const WAIT = 220;
let count = 0;

/** The hits of an answer, whatever its wrapping: [{label, lat, lon, kind}]. */
export function hitsOf(answer) {
  const list = Array.isArray(answer) ? answer : answer?.hits ?? answer?.items ?? answer?.features ?? [];
  return list
    .map((hit) => hit.geometry ? { ...hit.properties, lon: hit.geometry.coordinates[0], lat: hit.geometry.coordinates[1] } : hit)
    .filter((hit) => hit.label && Number.isFinite(Number(hit.lat)) && Number.isFinite(Number(hit.lon)))
    .map((hit) => ({ ...hit, lat: Number(hit.lat), lon: Number(hit.lon) }));
}

export function suggest(input, { url, choose, words = {}, signal }) {
  if (!url || !input) return;
  const box = document.createElement("div");
  box.className = "suggest";
  box.id = `suggest-${(count += 1)}`;
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", input.labels?.[0]?.textContent ?? words.wordsPlaces ?? "");
  box.hidden = true;
  (input.closest(".seek, .anchor") ?? input.parentElement).append(box);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": box.id })) input.setAttribute(name, value);
  input.autocomplete = "off";
  let hits = [];
  let at = -1;
  let timer = null;
  let last = null;

  const close = () => { box.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const pick = (hit) => { close(); input.value = hit.label; choose(hit); };
  const mark = (index) => {
    at = (index + hits.length) % hits.length;
    for (const [place, option] of [...box.children].entries()) option.setAttribute("aria-selected", String(place === at));
    box.children[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", box.children[at].id);
  };
  const draw = () => {
    box.replaceChildren(...hits.map((hit, index) => {
      const option = Object.assign(document.createElement("div"), { id: `${box.id}-${index}`, textContent: hit.label });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); pick(hit); }, { signal });
      return option;
    }));
    box.hidden = !hits.length;
    input.setAttribute("aria-expanded", String(Boolean(hits.length)));
    at = -1;
  };
  async function ask() {
    const text = input.value.trim();
    if (text.length < 2) { close(); return; }
    last?.abort();
    last = new AbortController();
    const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" }, signal: last.signal });
    hits = answer.ok ? hitsOf(await answer.json()).slice(0, 8) : [];
    draw();
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => ask().catch(() => {}), WAIT); }, { signal });
  input.addEventListener("blur", () => setTimeout(close, 150), { signal });
  input.addEventListener("keydown", (event) => {
    if (box.hidden) return;
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter" && at >= 0) pick(hits[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  }, { signal });
  signal.addEventListener("abort", () => { box.remove(); clearTimeout(timer); });
}
