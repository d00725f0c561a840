/** Listens to a stream of the door and fetches the rows anew when something moved.
 *
 *  <div id="rows" data-enhance="live" data-live="/door/desk" data-live-reload="#rows">
 *  The page is asked again (data-refresh or its own address) as a fragment; of a whole page only the part named in
 *  data-live-reload is taken. Telegrams within a second are one refresh; a hidden tab, and a list in which somebody
 *  is working, wait until they are looked at: then data-live-note names what is shown, with a button that fetches now.
 *  What was ticked stays ticked.
 */
import { enhance, retire } from "../enhance.js";

const KINDS = ["desk", "resync", "message"];

export default function live(element, signal, Source = globalThis.EventSource) {
  const address = element.dataset.live;
  if (!Source || !address) return;
  const source = new Source(address, { withCredentials: true });
  let waiting = null;
  const later = (wait = 1000) => { waiting ??= setTimeout(() => refresh().catch(() => {}), wait); };
  const isBusy = () => document.hidden || element.contains(document.activeElement) || element.querySelector("input:checked");

  const note = document.getElementById(element.dataset.liveNote ?? "");

  async function refresh(now = false) {
    waiting = null;
    if (!now && isBusy()) { if (note) note.hidden = false; later(3000); return; }
    const answer = await fetch(element.dataset.refresh || window.location.href, { headers: { "HX-Request": "true" }, signal });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = element.dataset.liveReload ? fresh.querySelector(element.dataset.liveReload) : null;
    const ticked = new Set([...element.querySelectorAll("input:checked")].map(({ value }) => value));
    for (const child of element.children) retire(child);
    element.replaceChildren(...(part ?? fresh.body).childNodes);
    for (const input of element.querySelectorAll("input[type=checkbox]")) input.checked = ticked.has(input.value);
    if (note) note.hidden = true;
    await enhance(element);
    element.dispatchEvent(new CustomEvent("live:fresh", { bubbles: true }));
  }

  note?.querySelector("button").addEventListener("click", () => {
    clearTimeout(waiting);
    refresh(true).then(() => element.querySelector("a, input")?.focus()).catch(() => {});
  }, { signal });
  for (const name of KINDS) source.addEventListener(name, () => later(), { signal });
  signal.addEventListener("abort", () => { source.close(); clearTimeout(waiting); });
}
