/** Asks before leaving a form with words in it that were not sent. A form with a draft needs no question. */
export default function confirmLeave(form, signal) {
  let touched = false;
  form.addEventListener("input", () => { touched = true; }, { signal });
  form.addEventListener("submit", () => { touched = false; }, { signal });
  window.addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); }, { signal });
}
