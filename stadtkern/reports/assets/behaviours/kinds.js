/** The kinds of a matter: search while typing, and the questions of the chosen kind, also without a network. */
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ß", "ss").replaceAll("·", "");

/** Does every word of the search begin or stand in some word of the text? */
export function fits(text, search) {
  const hay = plain(text);
  return plain(search).split(/\s+/).filter(Boolean).every((word) => hay.includes(word));
}

/** The number at the end of "Laterne 4711". */
export const numberIn = (text) => /\d+\p{L}?$/u.exec(text.trim())?.[0] ?? "";

export default function kinds(form, signal) {
  const box = form.querySelector("[data-kinds]");
  const details = form.querySelector("[data-kind-details]");
  const alert = form.querySelector("[data-kind-alert]");
  const shelf = form.querySelector("[data-every-kind]");
  const field = box?.querySelector("[data-kinds-search]");
  const input = field?.querySelector("input");
  const found = field?.querySelector("[data-kinds-found]");
  const rows = [...(box?.querySelectorAll("[data-words]") ?? [])];
  const groups = [...(box?.querySelectorAll("details") ?? [])];
  let shown = details?.childElementCount || alert?.childElementCount ? chosen()?.value : "";

  function chosen() {
    return form.querySelector("input[name=category]:checked");
  }

  function seek() {
    const search = input.value.trim();
    let count = 0;
    for (const row of rows) {
      row.hidden = Boolean(search) && !fits(`${row.dataset.words} ${row.textContent}`, search);
      count += row.hidden ? 0 : 1;
    }
    for (const group of groups) {
      group.hidden = rows.every((row) => row.hidden || !group.contains(row));
      if (search) { group.removeAttribute("name"); group.open = !group.hidden; } else { group.open = false; group.name = "kinds"; }
    }
    found.textContent = search ? String(count) : "";
  }

  function showQuestions() {
    const kind = chosen()?.value ?? "";
    if (!details || kind === shown) return;
    shown = kind;
    const template = [...(shelf?.children ?? [])].find((each) => each.dataset.kind === kind);
    const fresh = template?.content.cloneNode(true) ?? document.createDocumentFragment();
    alert?.replaceChildren(...[fresh.querySelector("[data-alert]")].filter(Boolean));
    details.replaceChildren(fresh);
    carryNumber();
  }

  /** A number given with the place is not asked for again. */
  function carryNumber() {
    const number = numberIn(form.elements.asset?.value ?? "");
    for (const code of (form.dataset.assetQuestions ?? "").split(" ").filter(Boolean)) {
      const question = details.querySelector(`[name="answers.${code}"]`);
      if (question && number && !question.value) question.value = number;
    }
  }

  if (field && rows.length > 8) {
    field.hidden = false;
    input.addEventListener("input", seek, { signal });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); }, { signal });
  }
  form.addEventListener("change", ({ target }) => { if (target.name === "category" || target === form) showQuestions(); }, { signal });
  showQuestions();
}
