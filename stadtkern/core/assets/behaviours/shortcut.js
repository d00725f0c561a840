/** data-shortcut="/" puts the cursor here when the key is pressed outside of fields. */
export default function shortcut(element, signal) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.key !== element.dataset.shortcut) return;
    event.preventDefault();
    if (element.matches("input, textarea, select")) element.focus();
    else element.click();
  }, { signal });
}
