/** A form that reaches the city even when the network is gone at the moment of sending.
 *
 *  <form method="post" data-enhance="send-offline" data-title="Meldung" data-words-waiting="…" data-waiting-url="/ohne-netz/">
 *  With a network it is sent at once and the answer is shown; without, it is kept and sent exactly once later:
 *  the field idempotency_key (or a fresh key) goes along as Idempotency-Key. With data-keep-refused what the city
 *  refuses stays in the outbox, with its photos and the reason, and can be sent again.
 */
import { parcel } from "../outbox/parcel.js";
import { asksToSignIn, keep, reach, reasonOf } from "../outbox/sending.js";
import { enhance } from "../enhance.js";

export default function sendOffline(form, signal) {
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented || event.submitter?.formAction.includes("teil=") || event.submitter?.hasAttribute("data-plain")) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const key = data.get("idempotency_key") || crypto.randomUUID();
    const accept = form.hasAttribute("data-keep-refused") ? { Accept: "application/problem+json, */*;q=0.5" } : {};
    const item = parcel({ id: key, data, url: form.action, page: window.location.pathname, title: titleOf(form, data) });
    lock(form, true);
    try {
      const answer = await reach(item, fetch, accept);
      if (answer.status >= 502 || asksToSignIn(answer)) throw new Error("nobody takes it");
      if (!answer.ok && form.hasAttribute("data-keep-refused")) {
        await putAside(form, { ...item, state: "failed", status: answer.status, reason: await reasonOf(answer) });
        return;
      }
      await show(form, answer);
    } catch {
      await putAside(form, item);
    } finally {
      lock(form, false);
    }
  }, { signal });
}

async function putAside(form, item) {
  await keep(item);
  form.dispatchEvent(new CustomEvent("draft:done", { bubbles: true }));
  window.location.assign(form.dataset.waitingUrl || "/ohne-netz/");
}

function titleOf(form, data) {
  const words = String(data.get(form.dataset.titleField ?? "text") ?? "").trim();
  return words.slice(0, 80) || form.dataset.title || document.title;
}

function lock(form, on) {
  form.toggleAttribute("aria-busy", on);
  for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = on;
}

/** A redirect is followed; a refused form comes back with its errors and is put in place of the page. */
async function show(form, answer) {
  if (answer.ok && answer.redirected) {
    form.dispatchEvent(new CustomEvent("draft:done", { bubbles: true }));
    window.location.assign(answer.url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.querySelector("main");
  main.replaceChildren(...page.querySelector("main").childNodes);
  document.title = page.title;
  await enhance(main);
}
