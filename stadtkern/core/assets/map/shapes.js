/** Lines and areas of a layer, drawn in the city's colours; a click on an area says its name and leads to its page. */
import { colour } from "./colours.js";

export function shapesFor(map, maplibregl, box) {
  const shown = new Set();
  const ids = (key) => [`${key}-area`, `${key}-line`];

  function click({ features, lngLat }) {
    const { title, name, url } = features[0].properties;
    const words = document.createElement(url ? "a" : "strong");
    words.textContent = title ?? name ?? "";
    if (url) words.href = url;
    if (words.textContent) new maplibregl.Popup().setLngLat(lngLat).setDOMContent(words).addTo(map);
  }

  return {
    show(key, features) {
      const drawn = features.filter(({ geometry }) => geometry && geometry.type !== "Point");
      if (!drawn.length) return;
      const data = { type: "FeatureCollection", features: drawn };
      if (shown.has(key)) { map.getSource(key).setData(data); return; }
      const [area, line] = ids(key);
      const ink = colour(box, "--accent");
      map.addSource(key, { type: "geojson", data });
      map.addLayer({ id: area, source: key, type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": ink, "fill-opacity": 0.14 } });
      map.addLayer({ id: line, source: key, type: "line", paint: { "line-color": ink, "line-width": 2.5 } });
      map.on("click", area, click);
      shown.add(key);
    },
    hide(key) {
      if (!shown.delete(key)) return;
      const [area, line] = ids(key);
      map.off("click", area, click);
      for (const id of [area, line]) map.removeLayer(id);
      map.removeSource(key);
    },
  };
}
