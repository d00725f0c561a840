/** Says when the network is gone, and when it is back. */
export default function offlineNote(element, signal) {
  const show = () => { element.hidden = navigator.onLine; };
  window.addEventListener("online", show, { signal });
  window.addEventListener("offline", show, { signal });
  show();
}
