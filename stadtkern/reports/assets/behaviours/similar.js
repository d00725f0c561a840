/** Likely duplicates while one writes: asked for when place, kind or words have changed, quietly. */
const WAIT = 700;

export default function similar(form, signal) {
  const box = form.querySelector("[data-similar-list]");
  if (!box || !form.dataset.similar) return;
  let timer = null;
  let asked = "";
  let last = null;

  const question = () => {
    const value = (name) => form.querySelector(`input[name=${name}]:checked, input[name=${name}]:not([type=radio]), textarea[name=${name}]`)?.value ?? "";
    return new URLSearchParams(["art", "lat", "lon", "address", "category", "text"].map((name) => [name, value(name)]));
  };

  async function ask() {
    const body = question();
    if (!body.get("category") || String(body) === asked) return;
    asked = String(body);
    last?.abort();
    last = new AbortController();
    try {
      const answer = await fetch(form.dataset.similar, { method: "POST", body, credentials: "same-origin", signal: last.signal });
      if (answer.ok) box.innerHTML = await answer.text();
    } catch { /* without a network nothing is compared */ }
  }
  const soon = () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); };

  form.addEventListener("step:shown", soon, { signal });
  form.addEventListener("change", ({ target }) => { if (["category", "lat", "text"].includes(target.name)) soon(); }, { signal });
  form.addEventListener("input", ({ target }) => { if (target.name === "text") soon(); }, { signal });
  form.addEventListener("click", ({ target }) => {
    if (target.closest("[data-me-too]")) form.dispatchEvent(new CustomEvent("draft:done", { bubbles: true }));
  }, { signal });
  signal.addEventListener("abort", () => { clearTimeout(timer); last?.abort(); });
}
