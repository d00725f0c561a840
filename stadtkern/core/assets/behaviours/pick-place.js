/** Choosing a place (template core/components/place.html): by address, by the device, or by moving the map under the pin. */
import { suggest } from "../places/suggest.js";
import { whereAmI } from "../places/position.js";

const FAR_M = 15;
const SIGNS_OF_USE = ["pointermove", "pointerdown", "touchstart", "click", "wheel", "scroll", "keydown"];

export default function pickPlace(box, signal) {
  const lat = box.querySelector("[data-lat]");
  const lon = box.querySelector("[data-lon]");
  const address = box.querySelector("[data-address]");
  const status = box.querySelector("[data-status]");
  const mapBox = box.querySelector("[data-map]");
  const say = (text) => { status.textContent = text ?? ""; };
  let map = null;
  let starting = false;
  let asked = null;

  async function choose({ lat: north, lon: east, label }, { moveMap = true, ask = true } = {}) {
    lat.value = Number(north).toFixed(6);
    lon.value = Number(east).toFixed(6);
    if (label) address.value = label;
    if (moveMap && map) map.jumpTo({ center: [east, north], zoom: Math.max(map.getZoom(), 16.5) });
    lat.dispatchEvent(new Event("change", { bubbles: true }));
    box.dispatchEvent(new CustomEvent("place:chosen", { bubbles: true, detail: { lat: north, lon: east, label } }));
    if (ask && !label) await nameOf(north, east);
    else if (label) say(label);
  }

  /** The nearest address of the point, or the kind refusal of a place outside the city. */
  async function nameOf(north, east) {
    if (!box.dataset.reverse) return;
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.reverse}?lat=${north}&lon=${east}`, { headers: { Accept: "application/json" }, signal: asked.signal });
      const found = await answer.json();
      const words = found.label ?? found.address ?? found.detail ?? "";
      if (answer.ok && words) address.value = words;
      say(found.inside === false ? box.dataset.wordsOutside : words);
    } catch (error) {
      if (error.name !== "AbortError") say(box.dataset.wordsOffline);
    }
  }

  suggest(address, { url: box.dataset.search, words: box.dataset, choose, signal });
  box.querySelector("[data-locate]")?.addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.setAttribute("aria-busy", "true");
    try {
      const here = await whereAmI();
      await choose(here);
      if (here.exact_m > FAR_M * 4) say(box.dataset.wordsRough);
    } catch {
      say(box.dataset.wordsFailed);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }, { signal });

  async function startMap() {
    if (starting || !mapBox || !mapBox.offsetParent) return;
    starting = true;  // a second call may come while the map is on its way
    const { openMap } = await import("../map/load.js");
    const given = lat.value && lon.value;
    const opened = await openMap(mapBox, {
      ...(given ? { bounds: undefined, center: [Number(lon.value), Number(lat.value)], zoom: 16.5 } : {}),
      cooperativeGestures: false,
    });
    map = opened.map;
    map.addControl(new opened.maplibregl.NavigationControl({ showCompass: false }), "top-right");
    signal.addEventListener("abort", () => map.remove());
    map.on("moveend", ({ originalEvent }) => {
      if (originalEvent) moved();
    });
    mapBox.addEventListener("keyup", ({ key }) => { if (key.startsWith("Arrow")) setTimeout(moved, 350); }, { signal });
    mapBox.dataset.state = "ready";
    showThings();
  }
  const moved = () => {
    const { lat: north, lng: east } = map.getCenter();
    choose({ lat: north, lon: east }, { moveMap: false }).catch(() => {});
  };

  // Numbered things near by (reports' near-assets.js) stand on the map and can be taken there.
  let things = [];
  let marks = [];
  async function showThings() {
    for (const mark of marks) mark.remove();
    marks = map && things.length ? await (await import("../map/things.js")).putThings(map, things, (thing) => {
      box.dispatchEvent(new CustomEvent("assets:taken", { detail: thing }));
    }) : [];
  }
  box.addEventListener("assets:near", ({ detail }) => { things = detail; showThings().catch(() => {}); }, { signal });
  box.addEventListener("place:take", ({ detail }) => choose(detail, { ask: !detail.label }).catch(() => {}), { signal });

  // Without the map the address and the device's position are enough. It weighs 270 kB: fetched for a person only.
  const tryMap = () => startMap().catch(() => { mapBox.dataset.state = "failed"; });
  const used = new AbortController();
  signal.addEventListener("abort", () => used.abort());
  for (const sign of SIGNS_OF_USE) {
    window.addEventListener(sign, () => {
      used.abort();
      document.addEventListener("step:shown", tryMap, { signal });
      tryMap();
    }, { signal: used.signal, passive: true });
  }
  box.closest("form")?.addEventListener("draft:restored", () => {
    if (map && lat.value) map.jumpTo({ center: [Number(lon.value), Number(lat.value)], zoom: 16.5 });
  }, { signal });
}
