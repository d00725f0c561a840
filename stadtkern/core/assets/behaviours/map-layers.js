/** The boxes beside the map of everything: each shows or hides its layer and stays in the page's address. */
export default function mapLayers(form, signal) {
  const map = document.getElementById(form.dataset.map);
  const tell = (input) => map?.dispatchEvent(new CustomEvent("map:source", { detail: { key: input.value, url: input.checked ? input.dataset.url : "" } }));
  const inputs = [...form.querySelectorAll("input[data-url]")];
  map?.addEventListener("map:ready", () => inputs.filter((input) => input.checked).forEach(tell), { signal });
  form.addEventListener("change", ({ target }) => {
    if (!target.dataset.url) return;
    tell(target);
    const query = new URLSearchParams(new FormData(form));
    history.replaceState(history.state, "", `?${query}${window.location.hash}`);
  }, { signal });
}
