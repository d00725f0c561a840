/** A filing form has a key with which it is filed once. A page from the cache, or gone back to, gets a new one. */
export function newKey() {
  return crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(18))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default function freshKey(form, signal) {
  const key = form.elements.idempotency_key;
  const renew = () => { if (key) key.value = newKey(); };
  renew();
  window.addEventListener("pageshow", (event) => { if (event.persisted) renew(); }, { signal });
  form.addEventListener("submit", () => {
    if (form.elements.filed_at) form.elements.filed_at.value = new Date().toISOString();
  }, { signal, capture: true });
}
