/** Shares the page (data-url or this one) by the device, or copies its address and says so. */
export default function share(button, signal) {
  const label = button.querySelector(".kern-label") ?? button;
  const words = label.textContent;
  button.addEventListener("click", async () => {
    const url = new URL(button.dataset.url || window.location.href, window.location.href).href;
    try {
      if (navigator.share) return await navigator.share({ title: document.title, url });
      await navigator.clipboard.writeText(url);
      label.textContent = button.dataset.wordsDone ?? words;
      setTimeout(() => { label.textContent = words; }, 4000);
    } catch (error) {
      if (error.name !== "AbortError") window.prompt(words, url);
    }
  }, { signal });
}
