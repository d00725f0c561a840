/** Drawing a spot to hide on the picture of a review (template media/_review.html).
 *
 *      <div data-enhance="draw-boxes" data-rows="box-rows" data-hint="…"><img …></div>
 *
 *  A drag fills the first empty row of numbers in the form; the form alone does the same work without it.
 */
const LEAST_PERCENT = 0.3;

/** The drawn rectangle in percent of the picture, or null when it was only a touch. */
export function spotOf(frame, from, to) {
  const part = (value, start, length) => Math.min(100, Math.max(0, ((value - start) / length) * 100));
  const across = [part(from.x, frame.left, frame.width), part(to.x, frame.left, frame.width)].sort((a, b) => a - b);
  const down = [part(from.y, frame.top, frame.height), part(to.y, frame.top, frame.height)].sort((a, b) => a - b);
  const tenth = (value) => Math.round(value * 10) / 10;
  const spot = { x: tenth(across[0]), y: tenth(down[0]), w: tenth(across[1] - across[0]), h: tenth(down[1] - down[0]) };
  return spot.w < LEAST_PERCENT || spot.h < LEAST_PERCENT ? null : spot;
}

/** The first row of the form in which nothing is typed yet. */
export function emptyRow(rows) {
  return rows.find((row) => row.every((field) => field.value === "")) ?? null;
}

function rowsOf(form) {
  return [...form.querySelectorAll("fieldset")].map((row) => [...row.querySelectorAll("[data-side]")]);
}

export default function drawBoxes(canvas, signal) {
  const picture = canvas.querySelector("img");
  const form = document.getElementById(canvas.dataset.rows);
  if (!picture || !form) return;
  picture.draggable = false;
  const hint = canvas.parentElement.insertBefore(document.createElement("p"), canvas);
  hint.textContent = canvas.dataset.hint;
  hint.className = "soft small";
  signal.addEventListener("abort", () => hint.remove());
  let from = null;
  let frame = null;

  const point = (event) => ({ x: event.clientX, y: event.clientY });

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    from = point(event);
    frame = canvas.appendChild(document.createElement("div"));
    frame.className = "media-drawn";
  }, { signal });

  canvas.addEventListener("pointermove", (event) => {
    if (from) show(frame, spotOf(picture.getBoundingClientRect(), from, point(event)));
  }, { signal });

  canvas.addEventListener("pointerup", (event) => {
    if (!from) return;
    const spot = spotOf(picture.getBoundingClientRect(), from, point(event));
    if (!spot || !fill(spot)) frame.remove();
    from = null;
  }, { signal });

  canvas.addEventListener("pointercancel", () => {
    frame?.remove();
    from = null;
  }, { signal });

  function fill(spot) {
    const row = emptyRow(rowsOf(form));
    if (!row) return false;
    for (const field of row) field.value = String(spot[field.dataset.side]);
    row[0].dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }
}

function show(frame, spot) {
  if (!spot) return;
  Object.assign(frame.style, { left: `${spot.x}%`, top: `${spot.y}%`, width: `${spot.w}%`, height: `${spot.h}%` });
}
