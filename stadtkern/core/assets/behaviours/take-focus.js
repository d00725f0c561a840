/** The summary of errors is where reading goes on after a form was refused. */
export default function takeFocus(element, signal) {
  element.focus({ preventScroll: false });
  element.addEventListener("click", (event) => {
    const target = document.getElementById(event.target.hash?.slice(1) ?? "");
    if (!target) return;
    event.preventDefault();
    const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
    (field ?? target).focus();
    target.scrollIntoView({ block: "center" });
  }, { signal });
}
