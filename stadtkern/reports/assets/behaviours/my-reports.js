/** The reports this device has kept, as lines; the server knows nothing of this list. */
import { forget, kept } from "./remember-report.js";

export default function myReports(box, signal) {
  const list = box.querySelector("[data-list]");
  const empty = box.querySelector("[data-empty]");

  function draw() {
    const mine = kept();
    list.replaceChildren(...mine.map(row));
    list.hidden = !mine.length;
    if (empty) empty.hidden = Boolean(mine.length) || box.hasAttribute("data-has-others");
  }
  function row({ number, title, path }) {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { className: "line", href: path });
    const words = Object.assign(document.createElement("span"), { className: "line-text" });
    words.append(
      Object.assign(document.createElement("span"), { textContent: title }),
      Object.assign(document.createElement("small"), { textContent: `${box.dataset.wordsNumber ?? ""} ${number}` }),
    );
    const drop = Object.assign(document.createElement("button"), { type: "button", className: "tool", textContent: "×" });
    drop.setAttribute("aria-label", `${box.dataset.wordsForget ?? ""} ${number}`);
    drop.addEventListener("click", (event) => { event.preventDefault(); forget(number); draw(); }, { signal });
    link.append(words, drop);
    item.append(link);
    return item;
  }
  draw();
}
