/** On every page: sends what waits as soon as there is a network, and says so while something waits. */
import { onChange, sendAll, waiting } from "../outbox/sending.js";

export default function outboxNote(note, signal) {
  if (!globalThis.indexedDB) return;
  const draw = async () => {
    const items = (await waiting()).filter(({ state }) => state !== "sent");
    note.hidden = !items.length;
    note.querySelector("[data-count]").textContent = String(items.length);
    return items.some(({ state }) => state === "waiting");
  };
  const send = () => { if (navigator.onLine) sendAll().then(draw).catch(() => {}); };
  onChange(() => draw().catch(() => {}), signal);
  window.addEventListener("online", send, { signal });
  draw().then((some) => { if (some) send(); }).catch(() => {});
}
