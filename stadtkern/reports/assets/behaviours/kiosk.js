/** A public screen: after a while without a touch it asks, then starts afresh, with everything cleared.
 *
 *  <body data-enhance="kiosk" data-idle="90" data-asking="20" data-start="/melden/kiosk/neu/"> (seconds)
 */
const SIGNS = ["pointerdown", "keydown", "input", "scroll", "touchstart"];

/** Calls `ask` after `idle` quiet milliseconds and `leave` after `asking` more; `touch()` begins anew. */
export function watch({ idle, asking, ask, leave, timers = globalThis }) {
  let timer = null;
  const touch = () => {
    timers.clearTimeout(timer);
    timer = timers.setTimeout(() => {
      ask();
      timer = timers.setTimeout(leave, asking);
    }, idle);
  };
  touch();
  return { touch, stop: () => timers.clearTimeout(timer) };
}

/** Empties the forms and what the browser may keep of this address. */
export async function forgetEverything(page = document, shelves = [globalThis.localStorage, globalThis.sessionStorage]) {
  for (const form of page.querySelectorAll("form")) form.reset();
  for (const shelf of shelves) shelf?.clear();
  const bases = (await globalThis.indexedDB?.databases?.()) ?? [];
  for (const { name } of bases) globalThis.indexedDB.deleteDatabase(name);
}

export default function kiosk(body, signal) {
  const question = body.querySelector("[data-kiosk-question]");
  const start = body.dataset.start;
  for (const field of body.querySelectorAll("input, textarea")) field.autocomplete = "off";

  async function leave() {
    await forgetEverything().catch(() => {});
    window.location.replace(start);
  }

  const clock = watch({
    idle: Number(body.dataset.idle) * 1000,
    asking: Number(body.dataset.asking) * 1000,
    ask: () => { if (question && !question.open) question.showModal(); },
    leave,
  });
  const alive = () => { if (question?.open) question.close(); clock.touch(); };
  for (const sign of SIGNS) document.addEventListener(sign, alive, { signal, passive: true, capture: true });
  body.addEventListener("click", (event) => {
    if (event.target.closest(`a[href="${start}"]`)) { event.preventDefault(); leave(); }
  }, { signal });
  window.addEventListener("pageshow", (event) => { if (event.persisted) leave(); }, { signal });
  signal.addEventListener("abort", clock.stop);
}
