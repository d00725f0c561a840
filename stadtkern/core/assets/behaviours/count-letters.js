/** Counts down the letters left in a field with maxlength; told aloud only near the end. */
export function lettersLeft(most, text) {
  return most - [...text.replace(/\r?\n/g, "\r\n")].length;
}

export default function countLetters(element, signal) {
  const most = Number(element.getAttribute("maxlength"));
  if (!most) return;
  const output = document.createElement("output");
  output.className = "field-count";
  output.setAttribute("for", element.id);
  element.after(output);
  signal.addEventListener("abort", () => output.remove());
  const show = () => {
    const left = lettersLeft(most, element.value);
    output.textContent = `${left} / ${most}`;
    output.setAttribute("aria-live", left < most / 10 ? "polite" : "off");
    output.classList.toggle("is-over", left < 0);
  };
  element.addEventListener("input", show, { signal });
  show();
}
