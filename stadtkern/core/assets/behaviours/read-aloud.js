/** The device reads the page aloud, by its own voice; no text leaves it. */
const READ = "h1, h2, h3, p, li, dt, dd, figcaption, label, legend, td, th";
const SKIP = "nav, form .unseen, .map, script, [hidden], [aria-hidden=true]";

/** The page in pieces short enough for every speech engine. */
export function piecesToRead(main) {
  const found = [...main.querySelectorAll(READ)].filter((each) => !each.closest(SKIP) && !each.querySelector(READ));
  return found.map((each) => each.innerText?.trim() ?? each.textContent.trim()).filter(Boolean);
}

export default function readAloud(button, signal) {
  const speech = window.speechSynthesis;
  const main = document.querySelector("main");
  if (!speech || !main) { button.hidden = true; return; }
  const label = button.querySelector(".kern-label") ?? button;
  const words = label.textContent;
  const rest = () => { label.textContent = words; button.setAttribute("aria-pressed", "false"); };
  button.addEventListener("click", () => {
    if (speech.speaking) { speech.cancel(); rest(); return; }
    const pieces = piecesToRead(main);
    for (const [index, text] of pieces.entries()) {
      const piece = new SpeechSynthesisUtterance(text);
      piece.lang = document.documentElement.lang.replace(/^de-simple$/, "de");
      if (index === pieces.length - 1) piece.addEventListener("end", rest);
      speech.speak(piece);
    }
    label.textContent = button.dataset.wordsStop ?? words;
    button.setAttribute("aria-pressed", "true");
  }, { signal });
  signal.addEventListener("abort", () => speech.cancel());
}
