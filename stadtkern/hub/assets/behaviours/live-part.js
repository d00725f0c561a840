/** Fetches a part of the page anew from time to time: values stay fresh while somebody looks.
 *
 *  <div data-enhance="live-part" data-seconds="60">
 *  The page's own address is asked as a fragment. A hidden tab waits; so does a part in which somebody is at work, by
 *  keyboard or in its table, because what they read must not move away.
 */
import { enhance, retire } from "../../../core/assets/enhance.js";

export function isBusy(element, page = document) {
  return page.hidden || element.contains(page.activeElement) || Boolean(element.querySelector("details[open]"));
}

export default function livePart(element, signal) {
  const wait = 1000 * Math.max(10, Number(element.dataset.seconds) || 60);

  async function refresh() {
    if (isBusy(element)) return;
    const answer = await fetch(window.location.href, { headers: { "HX-Request": "true" }, signal });
    if (!answer.ok || isBusy(element)) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const child of element.children) retire(child);
    element.replaceChildren(...fresh.body.childNodes);
    await enhance(element);
  }

  const clock = setInterval(() => refresh().catch(() => {}), wait);
  signal.addEventListener("abort", () => clearInterval(clock));
}
