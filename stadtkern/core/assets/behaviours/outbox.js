/** Shows what waits for the network, sends it when the network is back, and says what became of it. */
import { OUTBOX, drop, get, put } from "../outbox/store.js";
import { announce, onChange, sendAll, waiting } from "../outbox/sending.js";

/** What was refused is sent again by the city's clock: this device's may be the reason. */
export const withoutItsClock = (item) => ({ ...item, fields: item.fields.map(([name, value]) => [name, name === "filed_at" ? "" : value]) });

export default function outbox(box, signal) {
  const list = box.querySelector("[data-list]");
  const note = box.querySelector("[data-note]");
  const words = (state) => box.dataset[`words${state[0].toUpperCase()}${state.slice(1)}`] ?? state;

  async function draw() {
    const items = await waiting();
    list.replaceChildren(...items.map(row));
    list.hidden = !items.length;
    const kept = box.querySelector("[data-kept]");
    if (kept) kept.hidden = !items.some((item) => item.state === "waiting");
    if (note) note.textContent = items.length ? "" : box.dataset.wordsEmpty ?? "";
    if (box.hasAttribute("data-hide-empty")) box.hidden = !items.some((item) => item.state !== "sent" || box.dataset.hideEmpty === "all");
  }

  function row(item) {
    const line = Object.assign(document.createElement("div"), { className: "line" });
    const text = Object.assign(document.createElement("span"), { className: "line-text" });
    text.append(
      Object.assign(document.createElement("span"), { className: "strong", textContent: item.title }),
      Object.assign(document.createElement("small"), { textContent: saidOf(item) }),
    );
    line.append(text);
    if (item.state === "sent" && item.answer_url) line.append(link(item.answer_url));
    if (item.state === "failed") line.append(act(box.dataset.wordsAgain ?? words("open"), () => again(item)));
    if (item.state !== "sent") line.append(act(words("drop"), () => forget(item)));
    const entry = document.createElement("li");
    entry.append(line);
    return entry;
  }

  const saidOf = (item) => {
    if (item.state === "waiting" && item.sign_in) return words("signIn");
    return item.state === "failed" && item.reason ? `${words("failed")}: ${item.reason}` : words(item.state);
  };
  const link = (url) => Object.assign(document.createElement("a"), { href: url, className: "kern-btn kern-btn--secondary btn-small", textContent: words("open") });
  const act = (label, run) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "kern-btn kern-btn--tertiary btn-small", textContent: label });
    button.addEventListener("click", () => run().then(draw), { signal });
    return button;
  };
  const forget = async (item) => { await drop(OUTBOX, item.id); announce(); };
  const again = async (item) => {
    const kept = await get(OUTBOX, item.id);
    await put(OUTBOX, { ...withoutItsClock(kept), state: "waiting" });
    await sendAll();
  };

  onChange(draw, signal);
  window.addEventListener("online", () => sendAll().then(draw), { signal });
  draw().then(() => navigator.onLine && sendAll().then(draw)).catch(() => {});
}
