/** Numbered things as small buttons on the map of a form: a tap takes one. */
import maplibregl from "maplibre-gl/dist/maplibre-gl-csp.js";

export function putThings(map, things, take) {
  return things.map((thing) => {
    const mark = Object.assign(document.createElement("button"), { type: "button", className: "mark mark-thing" });
    mark.setAttribute("aria-label", thing.words);
    mark.title = thing.words;
    mark.addEventListener("click", () => take(thing));
    return new maplibregl.Marker({ element: mark }).setLngLat([thing.lon, thing.lat]).addTo(map);
  });
}
