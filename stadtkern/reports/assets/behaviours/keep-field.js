/** The crew takes its list along: once when the page opens with a network, and again by the button.
 *
 *  <section data-enhance="keep-field" data-words-kept="… {age} … {photos} …" data-words-failed="…">
 *    <button type="button" data-take> <p data-said role="status"></p> </section>
 *  Below it, matters whose result already waits for the network are marked with [data-waits].
 */
import { ageOf } from "../../../core/assets/behaviours/page-age.js";
import { keepField, keptSince } from "../../../core/assets/outbox/field.js";
import { onChange, waiting } from "../../../core/assets/outbox/sending.js";

export default function keepTheField(box, signal) {
  if (!globalThis.caches) return;
  const said = box.querySelector("[data-said]");
  const address = window.location.pathname;

  async function take() {
    try {
      const photos = await keepField({ address, photosOf, files: filesOfPage() });
      await tell(photos);
    } catch {
      said.textContent = box.dataset.wordsFailed;
    }
  }

  async function tell(photos) {
    const since = await keptSince(address);
    if (!since) return;
    const words = photos === undefined ? box.dataset.wordsOld : box.dataset.wordsKept;
    said.textContent = words.replace("{age}", ageOf(since)).replace("{photos}", String(photos ?? ""));
  }

  box.querySelector("[data-take]").addEventListener("click", take, { signal });
  if (document.documentElement.dataset.keptAt) tell();
  else take();
  markWaiting();
  onChange(() => markWaiting(), signal);
}

/** Photos that this very page shows, by the addresses the server gave them. */
function photosOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.querySelectorAll("main img[src]")].map((picture) => picture.getAttribute("src"));
}

/** Style sheets, scripts and icons this page has used; the browser knows them. */
function filesOfPage() {
  const used = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  const ours = used.filter(({ origin, pathname }) => origin === window.location.origin && pathname.startsWith("/static/"));
  return [...new Set(ours.map(({ href }) => href.split("#")[0]))];
}

async function markWaiting() {
  const under = new Set((await waiting()).filter(({ state }) => state !== "sent").map(({ url }) => new URL(url).pathname));
  for (const form of document.querySelectorAll("form[data-enhance~=send-offline]")) {
    const mark = form.closest("article")?.querySelector("[data-waits]");
    if (mark) mark.hidden = !under.has(new URL(form.action).pathname);
  }
}
