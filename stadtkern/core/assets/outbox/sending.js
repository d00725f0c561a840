/** Sends what waits, each parcel once. Runs in pages and in the service worker; a lock keeps them apart. */
import { OUTBOX, all, drop, get, put } from "./store.js";
import { unpack } from "./parcel.js";

const CHANNEL = "stadtkern-outbox";
const AS_PROBLEM = "application/problem+json, */*;q=0.5";
const SIGN_IN = /^\/konto\/anmelden\//;
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
    return await settle(item, await reach(item, request, { Accept: AS_PROBLEM }));
  } catch {
    await put(OUTBOX, item);
    return false;
  }
}

/** The city's answer to a parcel; an old token is renewed once. Throws when nobody is reached. */
export async function reach(item, request = fetch, headers = {}) {
  const answer = await post(item, request, headers);
  return answer.status === 403 && (await renewToken(item, request)) ? post(item, request, headers) : answer;
}

/** The city asks who this is: nothing was taken in. */
export const asksToSignIn = (answer) => Boolean(answer.redirected) && SIGN_IN.test(new URL(answer.url, globalThis.location?.href).pathname);

function post(item, request, headers) {
  return request(item.url, {
    method: "POST",
    body: unpack(item),
    credentials: "same-origin",
    headers: { "Idempotency-Key": item.id, "X-Requested-With": "outbox", ...headers },
  });
}

/** 2xx: arrived. 4xx: a person must look. 429 and 5xx: later again. Signed out: it waits until they are back. */
async function settle(item, answer) {
  const later = answer.status === 429 || answer.status >= 500;
  if (later || asksToSignIn(answer)) {
    await put(OUTBOX, { ...item, sign_in: asksToSignIn(answer) });
    return !later;
  }
  const state = answer.ok ? "sent" : "failed";
  item.reason = answer.ok ? "" : await reasonOf(answer);
  const files = answer.ok ? [] : item.files;
  const fields = answer.ok ? [] : item.fields;
  await put(OUTBOX, { ...item, fields, files, state, status: answer.status, answer_url: answer.url, sent_at: Date.now() });
  return true;
}

/** What the city says about a refusal, in its own words. */
export async function reasonOf(answer) {
  if (!(answer.headers?.get("Content-Type") ?? "").includes("json")) return "";
  const { title = "", detail = "", errors = {} } = await answer.json().catch(() => ({}));
  return [...new Set([detail || title, ...Object.values(errors)])].filter(Boolean).join(" ");
}

/** A form kept for long carries an old token: the form's page has a new one. */
async function renewToken(item, request) {
  const page = await request(item.page, { credentials: "same-origin" });
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await page.text())?.[1];
  if (!token) return false;
  item.fields = item.fields.map(([name, value]) => [name, name === "csrfmiddlewaretoken" ? token : value]);
  return true;
}
