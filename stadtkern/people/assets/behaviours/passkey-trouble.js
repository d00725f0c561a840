/** Shows its message when a passkey ceremony failed or was broken off (allauth tells it as an event). */
export default function passkeyTrouble(element, signal) {
  const show = (event) => {
    event.preventDefault();
    element.hidden = false;
  };
  document.addEventListener("allauth.error", show, { signal });
}
