/** The numbered things around the chosen place: fetched when the place changes, chosen by a tap; also on the map.
 *
 *  <form data-enhance="near-assets" data-near-assets="/melden/objekte/"> with [data-assets-list], input[name=asset]
 */
const WAIT = 350;

/** The links of a fragment as features the map can show. */
export function thingsOf(list) {
  return [...list.querySelectorAll("[data-asset]")].map(({ dataset, textContent }) => ({
    id: dataset.asset, lat: Number(dataset.lat), lon: Number(dataset.lon), label: dataset.label, icon: dataset.icon, words: textContent.trim(),
  }));
}

export default function nearAssets(form, signal) {
  const list = form.querySelector("[data-assets-list]");
  const place = form.querySelector("[data-enhance~=pick-place]");
  const field = form.querySelector("input[name=asset]");
  if (!list || !place || !field) return;
  let timer = null;
  let last = null;
  let asked = "";

  function tell() {
    for (const each of list.querySelectorAll("[data-asset]")) each.setAttribute("aria-current", String(each.dataset.asset === field.value));
    place.dispatchEvent(new CustomEvent("assets:near", { detail: thingsOf(list) }));
  }

  async function ask() {
    const { lat, lon, art, category } = form.elements;
    const point = new URLSearchParams({ lat: lat.value, lon: lon.value, art: art.value, category: category?.value ?? "" });
    if (!lat.value || String(point) === asked) return;
    asked = String(point);
    last?.abort();
    last = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.nearAssets}?${point}`, { credentials: "same-origin", signal: last.signal });
      if (!answer.ok) return;
      list.innerHTML = await answer.text();
      tell();
    } catch { /* without a network the number can be typed */ }
  }

  function take({ id, lat, lon, label }) {
    field.value = id;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    place.dispatchEvent(new CustomEvent("place:take", { detail: { lat, lon, label } }));
    tell();
  }

  form.addEventListener("place:chosen", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); }, { signal });
  form.addEventListener("draft:restored", ask, { signal });
  place.addEventListener("assets:taken", ({ detail }) => take(detail), { signal });
  list.addEventListener("click", (event) => {
    const link = event.target.closest("[data-asset]");
    if (!link) return;
    event.preventDefault();
    take(thingsOf(list).find(({ id }) => id === link.dataset.asset));
  }, { signal });
  if (thingsOf(list).length) tell();
  else ask();
  signal.addEventListener("abort", () => { clearTimeout(timer); last?.abort(); });
}
