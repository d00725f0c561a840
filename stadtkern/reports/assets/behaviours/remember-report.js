/** Keeps the secret link of a report on this device, for "my reports"; nothing is sent anywhere. */
const SHELF = "stadtkern.reports";
const MOST = 50;

export function kept(storage = localStorage) {
  try {
    const list = JSON.parse(storage.getItem(SHELF) ?? "[]");
    return Array.isArray(list) ? list.filter((one) => one?.path && one?.number) : [];
  } catch {
    return [];
  }
}

export function keep(report, storage = localStorage) {
  const others = kept(storage).filter((one) => one.number !== report.number);
  storage.setItem(SHELF, JSON.stringify([report, ...others].slice(0, MOST)));
}

export function forget(number, storage = localStorage) {
  storage.setItem(SHELF, JSON.stringify(kept(storage).filter((one) => one.number !== number)));
}

export default function rememberReport(button, signal) {
  const label = button.querySelector(".kern-label") ?? button;
  const { number, title, path, wordsDone } = button.dataset;
  const say = () => { label.textContent = wordsDone ?? "✓"; button.setAttribute("aria-pressed", "true"); };
  if (kept().some((one) => one.number === number)) say();
  button.addEventListener("click", () => { keep({ number, title, path, at: Date.now() }); say(); }, { signal });
}
