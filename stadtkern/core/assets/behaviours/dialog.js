/** Opens the <dialog> named in data-dialog instead of following the link. */
export default function dialog(opener, signal) {
  const box = document.getElementById(opener.dataset.dialog);
  if (!box?.showModal) return;
  opener.setAttribute("aria-haspopup", "dialog");
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    box.showModal();
  }, { signal });
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); }, { signal });
}
