/** A long form in steps: every [data-step] is one screen. Without JavaScript it is one page.
 *
 *  <form data-enhance="steps" data-words-next="Weiter" data-words-back="Zurück"> <section data-step="Ort">…
 *  The last step shows the form's own .form-end. A list [data-steps-list] in the form gets the names.
 */
export function stepOf(steps, field) {
  return steps.findIndex((step) => step.contains(field));
}

export default function steps(form, signal) {
  const screens = [...form.querySelectorAll("[data-step]")];
  const end = form.querySelector(":scope > .form-end");
  const list = form.querySelector("[data-steps-list]");
  if (screens.length < 2) return;
  let at = -1;

  const button = (words, kind, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `kern-btn kern-btn--${kind}`;
    const label = document.createElement("span");
    label.className = "kern-label";
    label.textContent = words;
    made.append(label);
    made.addEventListener("click", act, { signal });
    return made;
  };
  const bar = document.createElement("div");
  bar.className = "form-end";
  const next = button(form.dataset.wordsNext, "primary", () => { if (isWhole(screens[at])) show(at + 1); });
  const back = button(form.dataset.wordsBack, "tertiary", () => show(at - 1));
  bar.append(next, back);
  if (end) end.after(bar);
  else form.append(bar);

  function show(index, { focus = true } = {}) {
    at = Math.max(0, Math.min(index, screens.length - 1));
    for (const [place, screen] of screens.entries()) screen.hidden = place !== at;
    const isLast = at === screens.length - 1;
    next.hidden = isLast;
    back.hidden = at === 0;
    if (end) end.hidden = !isLast;
    mark();
    screens[at].dispatchEvent(new CustomEvent("step:shown", { bubbles: true }));
    if (!focus) return;
    const heading = screens[at].querySelector("h2, h3, legend");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
    form.scrollIntoView({ block: "start" });
    history.replaceState(history.state, "", `#schritt-${at + 1}`);
  }

  function mark() {
    for (const [place, item] of [...(list?.children ?? [])].entries()) {
      item.classList.toggle("is-done", place < at);
      if (place === at) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
  }

  form.addEventListener("invalid", ({ target }) => {
    const place = stepOf(screens, target);
    if (place >= 0 && place !== at) show(place, { focus: false });
  }, { signal, capture: true });
  form.addEventListener("click", ({ target }) => {
    const goal = target.closest("[data-go-step]");
    if (goal) show(Number(goal.dataset.goStep) - 1);
  }, { signal });

  const wrong = screens.findIndex((screen) => screen.querySelector("[aria-invalid=true], .has-error"));
  const asked = Number(/^#schritt-(\d+)$/.exec(window.location.hash)?.[1] ?? 1) - 1;
  show(wrong >= 0 ? wrong : asked, { focus: false });
  signal.addEventListener("abort", () => bar.remove());
}

/** Asks the browser about the fields of one screen; the first wrong one gets the cursor. */
function isWhole(screen) {
  const fields = [...screen.querySelectorAll("input, select, textarea")];
  return fields.every((field) => field.disabled || field.reportValidity());
}
