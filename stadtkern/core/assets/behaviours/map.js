/** A map (template core/components/map.html): a base map, and sources of points shown as buttons. */
import { addressFor, asksForView, cluster, marksFor } from "../map/marks.js";
import { shapesFor } from "../map/shapes.js";

export default function mapBehaviour(box, signal) {
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    start(box, signal).catch(() => { box.dataset.state = "failed"; });
  }, { rootMargin: "200px" });
  watch.observe(box);
  signal.addEventListener("abort", () => watch.disconnect());
}

async function start(box, signal) {
  const { openMap } = await import("../map/load.js");
  const inline = !box.classList.contains("map-full");
  const { map, maplibregl } = await openMap(box, {
    hash: box.hasAttribute("data-keep-view"),
    cooperativeGestures: inline && window.matchMedia("(pointer: coarse)").matches,
  });
  signal.addEventListener("abort", () => map.remove());
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  if (!box.hasAttribute("data-marker")) {
    map.addControl(new maplibregl.GeolocateControl({ positionOptions: { enableHighAccuracy: true } }), "top-right");
    box.querySelector(".maplibregl-ctrl-geolocate")?.setAttribute("aria-label", box.dataset.wordsLocate ?? "");
  } else {
    new maplibregl.Marker({ element: pin(box), anchor: "bottom" }).setLngLat([Number(box.dataset.lon), Number(box.dataset.lat)]).addTo(map);
  }
  const marks = marksFor(map, maplibregl, box);
  const shapes = shapesFor(map, maplibregl, box);
  const sources = new Map(sourcesOf(box));
  const answers = new Map();

  async function fill(key) {
    const template = sources.get(key);
    if (!template) return;
    const ownView = asksForView(template);
    if (ownView || !answers.has(key)) {
      const answer = await fetch(addressFor(template, map.getBounds().toArray().flat(), map.getZoom()), { headers: { Accept: "application/geo+json, application/json" }, signal });
      answers.set(key, answer.ok ? (await answer.json()).features ?? [] : []);
    }
    if (!sources.has(key)) return;
    marks.show(key, grouped(answers.get(key)));
    shapes.show(key, answers.get(key));
  }
  function grouped(features) {
    const bounds = map.getBounds();
    const inView = features.filter(({ geometry }) => geometry?.type === "Point" && bounds.contains(geometry.coordinates));
    return map.getZoom() >= 17 ? inView : cluster(inView, (place) => map.project(place), 48);
  }
  const fillAll = () => Promise.all([...sources.keys()].map((key) => fill(key).catch(() => {})));

  map.on("moveend", fillAll);
  box.addEventListener("map:source", ({ detail }) => {
    if (detail.url) { sources.set(detail.key, detail.url); fill(detail.key).catch(() => {}); }
    else { sources.delete(detail.key); answers.delete(detail.key); marks.hide(detail.key); shapes.hide(detail.key); }
  }, { signal });
  map.once("load", () => { fillAll(); box.dataset.state = "ready"; box.dispatchEvent(new CustomEvent("map:ready", { bubbles: true, detail: { map } })); });
}

function sourcesOf(box) {
  if (box.dataset.source) return [["source", box.dataset.source]];
  return [];
}

function pin(box) {
  const mark = document.createElement("span");
  mark.className = "mark-pin";
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", box.dataset.label ?? "");
  return mark;
}
