/** Listens to the desk's stream (data-stream) and fetches the page's rows anew when something moved.
 *
 *  <div id="rows" data-enhance="live" data-stream="/door/desk" data-refresh="/desk/meldungen/?…">
 *  Several telegrams within a second are one refresh; a hidden tab waits until it is looked at.
 */
export default function live(element, signal, Source = window.EventSource) {
  if (!Source || !element.dataset.stream) return;
  const source = new Source(element.dataset.stream, { withCredentials: true });
  let waiting = null;
  const refresh = async () => {
    waiting = null;
    if (document.hidden || element.contains(document.activeElement)) { later(3000); return; }
    const answer = await fetch(element.dataset.refresh || window.location.href, { headers: { "HX-Request": "true" }, signal });
    if (!answer.ok) return;
    element.innerHTML = await answer.text();
    element.dispatchEvent(new CustomEvent("live:fresh", { bubbles: true }));
  };
  const later = (wait = 1000) => { waiting ??= setTimeout(() => refresh().catch(() => {}), wait); };
  for (const name of ["message", "moved", "changed"]) source.addEventListener(name, () => later(), { signal });
  signal.addEventListener("abort", () => { source.close(); clearTimeout(waiting); });
}
