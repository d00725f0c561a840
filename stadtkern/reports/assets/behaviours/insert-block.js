/** A text block goes where the person is writing, without a round trip that would lose other forms of the page. */

/** The text with the block at [start, end); a block after words begins a paragraph of its own. */
export function inserted(text, block, start, end) {
  const before = text.slice(0, start).trimEnd();
  const after = text.slice(end).trimStart();
  const parts = [before, block, after].filter(Boolean);
  return { text: parts.join("\n\n"), caret: before.length + (before ? 2 : 0) + block.length };
}

export default function insertBlock(element, signal) {
  const choice = element.querySelector("select");
  const button = element.querySelector("button");
  const field = document.getElementById(element.dataset.into);
  if (!choice || !button || !field) return;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const block = choice.selectedOptions[0]?.dataset.text;
    if (!block) return choice.focus();
    const made = inserted(field.value, block, field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length);
    field.value = made.text;
    field.setSelectionRange(made.caret, made.caret);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }, { signal });
}
