/** A filter form answers to each choice at once; typed words wait for Enter. */
export default function sendOnChange(form, signal) {
  form.addEventListener("change", ({ target }) => {
    if (form.dataset.map || target.matches("input[type=text], input[type=search], textarea")) return;
    form.requestSubmit();
  }, { signal });
}
