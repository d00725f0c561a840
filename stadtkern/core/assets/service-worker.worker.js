/** The service worker: the shell starts without a network, read pages stay readable with their age,
 *  what waits is sent. Nothing personal is ever cached but the list that a crew takes along, and who signs out leaves nothing they read. The head of /sw.js sets STADTKERN. */
import { changesPerson, dropOld, fieldPage, fieldPhoto, isFieldPage, isFieldPhoto, FIELD } from "./outbox/field.js";
import { endsHere, isOfReader, isPersonal, isStill, kindOf } from "./outbox/routes.js";
import { sendAll } from "./outbox/sending.js";

const { shell = [], pages = [], offline = "/ohne-netz/" } = self.STADTKERN ?? {};
const SHELL = `shell-${hash([...shell, ...pages].join("|"))}`;
const PAGES = "pages-2";
const STILL = "still-1";
const MOST_PAGES = 60;

function hash(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) | 0;
  return (sum >>> 0).toString(36);
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(SHELL)
      .then((cache) => Promise.all([...shell.map((address) => cache.add(address)), ...pages.map((address) => keepForAll(cache, address))]))
      .then(() => self.skipWaiting()),
  );
});

/** A page as somebody without cookies gets it: nothing personal can be in it. */
async function keepForAll(cache, address) {
  const answer = await fetch(address, { credentials: "omit", cache: "reload", headers: { Accept: "text/html" } });
  if (answer.ok) await cache.put(address, answer);
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => /^(shell|pages)-/.test(name) && name !== SHELL && name !== PAGES).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  if (endsHere(event.request)) event.waitUntil(forgetReader());
  const kind = kindOf(event.request, self.location.origin);
  if (kind === "still") event.respondWith(fromStill(event.request));
  if (kind === "page") event.respondWith(page(event.request));
  if (kind === "personal") event.respondWith(personal(event.request));
  if (isFieldPhoto(event.request)) event.respondWith(fieldPhoto(event.request));
  if (event.request.mode === "navigate") event.waitUntil(changesPerson(event.request) ? caches.delete(FIELD) : dropOld());
});

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendAll().then((done) => { if (!done) throw new Error("still waiting"); }));
});

self.addEventListener("push", (event) => {
  const told = event.data?.json?.() ?? {};
  event.waitUntil(self.registration.showNotification(told.title ?? "", {
    body: told.body ?? "", icon: told.icon, tag: told.tag, data: { url: told.url ?? "/" }, lang: told.lang, dir: told.dir,
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data?.url ?? "/"));
});

/** Files with a hash in their name never change; of others the network's answer counts while there is one. */
async function fromStill(request) {
  const kept = await caches.match(request);
  if (kept && isStill(new URL(request.url).pathname)) return kept;
  try {
    const answer = await fetch(request);
    if (answer.ok) (await caches.open(STILL)).put(request, answer.clone());
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** A public page: from the network while there is one, else as it was last read, marked with its age. */
async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && !isPersonal(answer)) await keepPage(request, answer.clone());
    return answer;
  } catch {
    const kept = await (await caches.open(PAGES)).match(request, { ignoreVary: true });
    const ofShell = await (await caches.open(SHELL)).match(request, { ignoreVary: true, ignoreSearch: true });
    return kept ? marked(kept) : ofShell ?? offlinePage();
  }
}

/** A page of one's own is never kept; the crew's list is there when it was taken along. */
async function personal(request) {
  if (!isFieldPage(request)) return fetch(request).catch(() => offlinePage());
  const found = await fieldPage(request);
  if (!found) return offlinePage();
  return found.headers.has("X-Kept-At") ? marked(found) : found;
}

async function keepPage(request, answer) {
  const cache = await caches.open(PAGES);
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-At", new Date().toISOString());
  await cache.put(request, new Response(await answer.blob(), { status: answer.status, headers }));
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PAGES)).map((key) => cache.delete(key)));
}

async function forgetReader() {
  await Promise.all((await caches.keys()).filter(isOfReader).map((name) => caches.delete(name)));
}

/** The page itself tells its age: an attribute that the behaviour `page-age` reads. */
async function marked(kept) {
  const html = (await kept.text()).replace("<html ", `<html data-kept-at="${kept.headers.get("X-Kept-At") ?? ""}" `);
  return new Response(html, { status: 200, headers: kept.headers });
}

async function offlinePage() {
  return (await (await caches.open(SHELL)).match(offline, { ignoreVary: true })) ?? Response.error();
}
