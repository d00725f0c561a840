/** A <details> used as a drop-down closes when one looks elsewhere. */
export default function menu(element, signal) {
  const close = () => { element.open = false; };
  document.addEventListener("click", ({ target }) => { if (!element.contains(target)) close(); }, { signal });
  element.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !element.contains(relatedTarget)) close();
  }, { signal });
  element.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !element.open) return;
    close();
    element.querySelector("summary").focus();
  }, { signal });
}
