/** MapLibre, fetched only by pages that show a map; its worker is a file of ours (strict policy: no blob code). */
import { colour, isDark } from "./colours.js";
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
  const { worker, css, style, bounds, label } = box.dataset;
  await loadStyles(css);
  maplibregl.setWorkerUrl(worker);
  const drawn = (await styleFrom(style)) ?? plainStyle(box);
  const canvas = Object.assign(document.createElement("div"), { className: "map-canvas" });
  box.append(canvas);
  const [west, south, east, north] = (bounds ?? "").split(",").map(Number);
  const map = new maplibregl.Map({
    container: canvas,
    style: drawn,
    ...startOf(box.dataset, isBare(drawn)),
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

/** A base map of outlines only shows nothing to hold on to when one looks too closely. */
const isBare = ({ sources }) => Object.values(sources).every(({ type }) => type === "geojson");
const NEAREST_OF_OUTLINES = 14;

/** A given point, or the whole city. */
function startOf({ lat, lon, zoom, bounds, fit }, bare) {
  const [west, south, east, north] = (bounds ?? "").split(",").map(Number);
  if (fit !== undefined && Number.isFinite(north)) {
    return { bounds: [[west, south], [east, north]], fitBoundsOptions: { padding: 24 } };
  }
  return { center: [Number(lon), Number(lat)], zoom: bare ? Math.min(Number(zoom), NEAREST_OF_OUTLINES) : Number(zoom) };
}

async function styleFrom(address) {
  if (!address) return null;
  const dark = isDark();
  const url = new URL(address, window.location.href);
  if (dark) url.searchParams.set("theme", "dark");
  const answer = await fetch(url).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

/** No base map at hand: a calm ground in the house's colour. */
function plainStyle(box) {
  return { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": colour(box, "--paper-sunken") } }] };
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
