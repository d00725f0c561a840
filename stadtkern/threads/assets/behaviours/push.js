/** Switches web push of this browser on and off.
 *  data-key   the public VAPID key        data-on, data-off   where to send the subscription
 *  data-words-…  on, off, refused, failed, cannot: what the state line says
 */
export default function push(box, signal) {
  const [on, off, line] = ["[data-push-on]", "[data-push-off]", "[data-push-state]"].map((name) => box.querySelector(name));
  const say = (words) => { line.textContent = box.dataset[words] ?? ""; };
  const show = (subscribed) => {
    on.hidden = subscribed;
    off.hidden = !subscribed;
    say(subscribed ? "wordsOn" : "wordsOff");
  };
  const attempt = (deed) => async () => {
    try {
      await deed();
    } catch (error) {
      say(error.name === "NotAllowedError" ? "wordsRefused" : "wordsFailed");
    }
  };
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    say("wordsCannot");
    return undefined;
  }
  on.addEventListener("click", attempt(async () => {
    await subscribe(box);
    show(true);
  }), { signal });
  off.addEventListener("click", attempt(async () => {
    await unsubscribe(box);
    show(false);
  }), { signal });
  return attempt(async () => show(Boolean(await current())))();
}

async function current() {
  const registration = await navigator.serviceWorker.ready;
  return registration.pushManager.getSubscription();
}

async function subscribe(box) {
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytesOf(box.dataset.key),
  });
  try {
    await send(box.dataset.on, subscription);
  } catch (error) {
    await subscription.unsubscribe();
    throw error;
  }
}

async function unsubscribe(box) {
  const subscription = await current();
  if (!subscription) return;
  await send(box.dataset.off, subscription);
  await subscription.unsubscribe();
}

async function send(url, subscription) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(subscription),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
}

/** base64url -> bytes */
export function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
