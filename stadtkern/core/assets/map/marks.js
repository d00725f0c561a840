/** What stands on a map as real buttons: reachable by keyboard, named for screen readers, in the city's colours. */
const MOST = 400;

/** Two GeoJSON answers of one address differ by view: {bbox} and {zoom} are filled in. */
export function addressFor(template, bounds, zoom) {
  const box = bounds.map((value) => value.toFixed(5)).join(",");
  return template.replace("{bbox}", box).replace("{zoom}", String(Math.round(zoom))).replace("%7Bbbox%7D", box).replace("%7Bzoom%7D", String(Math.round(zoom)));
}

export const asksForView = (template) => /\{bbox\}|%7Bbbox%7D/i.test(template);

/** 1 243 becomes "1,2k" so that it fits a circle. */
export function shortCount(count, language = "de") {
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(count);
}

/** Near points of a plain answer are put together by a grid of the screen. */
export function cluster(features, project, cell = 56) {
  const cells = new Map();
  for (const feature of features) {
    const { x, y } = project(feature.geometry.coordinates);
    const key = `${Math.floor(x / cell)}:${Math.floor(y / cell)}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(feature);
  }
  return [...cells.values()].map((members) => (members.length === 1 ? members[0] : together(members)));
}

function together(members) {
  const middle = [0, 1].map((axis) => members.reduce((sum, each) => sum + each.geometry.coordinates[axis], 0) / members.length);
  const count = members.reduce((sum, each) => sum + (each.properties.point_count ?? 1), 0);
  return { type: "Feature", geometry: { type: "Point", coordinates: middle }, properties: { point_count: count } };
}

export function marksFor(map, maplibregl, box) {
  const layers = new Map();

  function make(feature) {
    const { properties } = feature;
    const count = properties.point_count ?? 0;
    const mark = document.createElement("button");
    mark.type = "button";
    mark.className = count > 1 ? "mark mark-many" : `mark is-${properties.tone ?? "info"}`;
    if (count > 1) {
      mark.textContent = shortCount(count, document.documentElement.lang);
      mark.setAttribute("aria-label", `${count} ${box.dataset.wordsMany ?? ""}`);
      mark.addEventListener("click", () => map.easeTo({ center: feature.geometry.coordinates, zoom: Math.min(map.getZoom() + 2, 18) }));
    } else {
      mark.setAttribute("aria-label", [properties.title, properties.state].filter(Boolean).join(", "));
      mark.append(sign(properties.icon ?? "report"));
      mark.addEventListener("click", () => openCard(feature));
    }
    return new maplibregl.Marker({ element: mark }).setLngLat(feature.geometry.coordinates);
  }

  function sign(name) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("viewBox", "0 0 24 24");
    const use = document.createElementNS(space, "use");
    use.setAttribute("href", `${box.dataset.icons}#${name}`);
    svg.append(use);
    return svg;
  }

  function openCard({ geometry, properties }) {
    const card = document.createElement("div");
    card.className = "map-card";
    card.append(Object.assign(document.createElement("strong"), { textContent: properties.title ?? "" }));
    if (properties.state) card.append(Object.assign(document.createElement("span"), { textContent: properties.state }));
    if (properties.text) card.append(Object.assign(document.createElement("span"), { className: "soft small", textContent: properties.text }));
    if (properties.url) {
      card.append(Object.assign(document.createElement("a"), { href: properties.url, className: "kern-btn kern-btn--primary btn-small", textContent: box.dataset.wordsOpen ?? "→" }));
    }
    new maplibregl.Popup({ offset: 18, maxWidth: "18rem" }).setLngLat(geometry.coordinates).setDOMContent(card).addTo(map);
  }

  return {
    show(key, features) {
      this.hide(key);
      const shown = features.slice(0, MOST).map(make);
      for (const mark of shown) mark.addTo(map);
      layers.set(key, shown);
    },
    hide(key) {
      for (const mark of layers.get(key) ?? []) mark.remove();
      layers.delete(key);
    },
  };
}
