/** Makes the site installable and able to start without a network. */
export function registerWorker() {
  const address = document.documentElement.dataset.worker;
  if (!address || !("serviceWorker" in navigator)) return;
  window.addEventListener("load", () => {
    navigator.serviceWorker.register(address, { scope: "/" }).catch(() => {});
  });
}
