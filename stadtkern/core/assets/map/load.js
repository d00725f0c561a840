/** MapLibre, fetched only by pages that show a map; its worker is a file of ours (strict policy: no blob code). */
import maplibregl from "maplibre-gl/dist/maplibre-gl-csp.js";

let styled = null;

function loadStyles(address) {
  styled ??= new Promise((done) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address });
    link.onload = link.onerror = done;
    document.head.prepend(link);
  });
  return styled;
}

export async function openMap(box, options = {}) {
  const { worker, css, style, lat, lon, zoom, bounds, label } = box.dataset;
  await loadStyles(css);
  maplibregl.setWorkerUrl(worker);
  const canvas = Object.assign(document.createElement("div"), { className: "map-canvas" });
  box.append(canvas);
  const [west, south, east, north] = (bounds ?? "").split(",").map(Number);
  const map = new maplibregl.Map({
    container: canvas,
    style: (await styleFrom(style)) ?? plainStyle(box),
    center: [Number(lon), Number(lat)],
    zoom: Number(zoom),
    maxBounds: Number.isFinite(north) ? [[west - 0.35, south - 0.25], [east + 0.35, north + 0.25]] : undefined,
    attributionControl: { compact: true },
    dragRotate: false,
    pitchWithRotate: false,
    locale: wordsOf(box),
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.getCanvas().setAttribute("aria-label", label ?? "");
  box.querySelector(".map-note")?.remove();
  return { map, maplibregl };
}

async function styleFrom(address) {
  if (!address) return null;
  const dark = isDark();
  const url = new URL(address, window.location.href);
  if (dark) url.searchParams.set("theme", "dark");
  const answer = await fetch(url).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

export function isDark(root = document.documentElement) {
  const chosen = root.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen === "dark";
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

/** No base map at hand: a calm ground in the house's colour. */
function plainStyle(box) {
  return { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": colour(box, "--paper-sunken") } }] };
}

/** A token as a colour MapLibre understands. */
export function colour(box, token) {
  const probe = document.createElement("i");
  probe.style.color = `var(${token})`;
  box.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function wordsOf(box) {
  const { wordsZoomIn, wordsZoomOut, wordsLocate, label, wordsTwoFingers, wordsCtrl } = box.dataset;
  const words = {
    "NavigationControl.ZoomIn": wordsZoomIn,
    "NavigationControl.ZoomOut": wordsZoomOut,
    "GeolocateControl.FindMyLocation": wordsLocate,
    "Map.Title": label,
    "CooperativeGesturesHandler.WindowsHelpText": wordsCtrl,
    "CooperativeGesturesHandler.MacHelpText": wordsCtrl,
    "CooperativeGesturesHandler.MobileHelpText": wordsTwoFingers,
  };
  return Object.fromEntries(Object.entries(words).filter(([, text]) => text));
}
