/** "My address": kept on this device only; what the city knows about it is fetched into the page. */
import { suggest } from "../places/suggest.js";
import { whereAmI } from "../places/position.js";

const SHELF = "stadtkern.place";

export function remembered(storage = localStorage) {
  try {
    const place = JSON.parse(storage.getItem(SHELF) ?? "null");
    return place && Number.isFinite(place.lat) && Number.isFinite(place.lon) ? place : null;
  } catch {
    return null;
  }
}

export default function myPlace(form, signal) {
  const input = form.querySelector("input[name=adresse]");
  const status = form.querySelector("[data-status]");
  const forget = form.querySelector("[data-forget]");
  const target = document.getElementById(form.dataset.target);
  const say = (name) => { status.textContent = form.dataset[name] ?? ""; };

  async function show(place) {
    say("wordsLoading");
    const query = new URLSearchParams({ adresse: place.label, teil: "1", ...(place.lat ? { lat: place.lat, lon: place.lon } : {}) });
    const answer = await fetch(`${form.dataset.nearUrl}?${query}`, { headers: { "HX-Request": "true" }, signal });
    target.innerHTML = await answer.text();
    say("wordsKept");
  }
  async function choose(place) {
    if (place.lat) localStorage.setItem(SHELF, JSON.stringify(place));
    input.value = place.label;
    forget.hidden = false;
    await show(place);
  }

  suggest(input, { url: form.dataset.places, words: form.dataset, choose, signal });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) choose({ label: input.value.trim() }).catch(() => say("wordsFailed"));
  }, { signal });
  form.querySelector("[data-locate]")?.addEventListener("click", () => {
    whereAmI().then((here) => choose({ ...here, label: form.dataset.wordsHere })).catch(() => say("wordsFailed"));
  }, { signal });
  forget.addEventListener("click", () => {
    localStorage.removeItem(SHELF);
    input.value = "";
    target.replaceChildren();
    forget.hidden = true;
    input.focus();
  }, { signal });

  const place = remembered();
  if (place && !input.value) choose(place).catch(() => say("wordsKept"));
}
