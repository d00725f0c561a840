/** Sends what waits, each parcel once. Runs in pages and in the service worker; a lock keeps them apart. */
import { OUTBOX, all, drop, get, put } from "./store.js";
import { unpack } from "./parcel.js";

const CHANNEL = "stadtkern-outbox";
const KEEP_SENT = 24 * 60 * 60 * 1000;

export function announce() {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("changed");
  channel.close();
}

export function onChange(act, signal) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = act;
  signal.addEventListener("abort", () => channel.close());
}

/** Keeps a parcel and asks the worker to send it when there is a network. */
export async function keep(item) {
  await put(OUTBOX, item);
  announce();
  const worker = await globalThis.navigator?.serviceWorker?.ready.catch(() => null);
  await worker?.sync?.register("outbox").catch(() => {});
}

export async function waiting() {
  return (await all(OUTBOX)).sort((one, other) => one.kept_at - other.kept_at);
}

/** Sends every waiting parcel; one that the network refuses stays, and the rest wait with it. */
export async function sendAll(request = fetch) {
  const locks = globalThis.navigator?.locks;
  return locks ? locks.request("stadtkern-outbox", () => sendEach(request)) : sendEach(request);
}

async function sendEach(request) {
  for (const { id } of await waiting()) {
    const item = await get(OUTBOX, id);
    if (item?.state === "sent" && Date.now() - item.sent_at > KEEP_SENT) await drop(OUTBOX, id);
    if (item?.state !== "waiting") continue;
    const reached = await sendOne(item, request);
    announce();
    if (!reached) return false;
  }
  return true;
}

/** True when the city answered (whatever it said), false when nobody was reached. */
export async function sendOne(item, request = fetch) {
  item.attempts += 1;
  try {
    return await settle(item, await reach(item, request));
  } catch {
    await put(OUTBOX, item);
    return false;
  }
}

/** The city's answer to a parcel; an old token is renewed once. Throws when nobody is reached. */
export async function reach(item, request = fetch) {
  const answer = await post(item, request);
  return answer.status === 403 && (await renewToken(item, request)) ? post(item, request) : answer;
}

function post(item, request) {
  return request(item.url, {
    method: "POST",
    body: unpack(item),
    credentials: "same-origin",
    headers: { "Idempotency-Key": item.id, "X-Requested-With": "outbox" },
  });
}

/** 2xx: arrived. 4xx: a person must look. 429 and 5xx: later again. */
async function settle(item, answer) {
  const later = answer.status === 429 || answer.status >= 500;
  if (later) {
    await put(OUTBOX, item);
    return false;
  }
  const state = answer.ok ? "sent" : "failed";
  const files = answer.ok ? [] : item.files;
  const fields = answer.ok ? [] : item.fields;
  await put(OUTBOX, { ...item, fields, files, state, status: answer.status, answer_url: answer.url, sent_at: Date.now() });
  return true;
}

/** A form kept for long carries an old token: the form's page has a new one. */
async function renewToken(item, request) {
  const page = await request(item.page, { credentials: "same-origin" });
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await page.text())?.[1];
  if (!token) return false;
  item.fields = item.fields.map(([name, value]) => [name, name === "csrfmiddlewaretoken" ? token : value]);
  return true;
}
