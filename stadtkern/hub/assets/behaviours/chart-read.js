/** Reads values off a drawing: with a pointer over it, or with the slider below it.
 *
 *  <figure data-enhance="chart-read" data-left data-field data-width>: where the field of values lies in the drawing.
 *  The points stand in the page as JSON: [share of the time axis, words].
 */
const SVG = "http://www.w3.org/2000/svg";

/** The index of the point nearest to a share of the time axis; points are in the order of time. */
export function nearest(points, share) {
  let best = 0;
  for (let index = 1; index < points.length; index += 1) {
    if (Math.abs(points[index][0] - share) < Math.abs(points[best][0] - share)) best = index;
  }
  return best;
}

/** The share of the time axis below a pointer: `x` of `wide` pixels of the drawing. */
export function shareAt(x, wide, { left, field, width }) {
  return Math.min(1, Math.max(0, ((x / wide) * width - left) / field));
}

export default function chartRead(figure, signal) {
  const drawing = figure.querySelector("svg");
  const slider = figure.querySelector("[data-at]");
  const points = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  if (!drawing || points.length === 0) return;
  const place = Object.fromEntries(["left", "field", "width"].map((name) => [name, Number(figure.dataset[name])]));
  const needle = document.createElementNS(SVG, "line");
  needle.setAttribute("class", "chart-needle");
  needle.setAttribute("y2", String(drawing.viewBox.baseVal.height));

  function show(index) {
    const [share, words] = points[index];
    const x = String(place.left + share * place.field);
    needle.setAttribute("x1", x);
    needle.setAttribute("x2", x);
    if (!needle.isConnected) drawing.append(needle);
    slider.value = String(index);
    slider.setAttribute("aria-valuetext", words);
    figure.querySelector("[data-says]").textContent = words;
  }

  drawing.parentElement.scrollLeft = drawing.parentElement.scrollWidth; // the newest values, on a narrow screen
  slider.max = String(points.length - 1);
  slider.value = slider.max;
  slider.setAttribute("aria-valuetext", points.at(-1)[1]);
  slider.addEventListener("input", () => show(Number(slider.value)), { signal });
  drawing.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = drawing.getBoundingClientRect();
    show(nearest(points, shareAt(clientX - left, width, place)));
  }, { signal });
}
