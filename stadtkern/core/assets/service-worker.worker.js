/** The service worker: the shell starts without a network, read pages stay readable with their age,
 *  what waits is sent. Nothing personal is ever cached. The head of /sw.js sets STADTKERN. */
import { isPersonal, isStill, kindOf } from "./outbox/routes.js";
import { sendAll } from "./outbox/sending.js";

const { shell = [], offline = "/ohne-netz/" } = self.STADTKERN ?? {};
const SHELL = `shell-${hash(shell.join("|"))}`;
const PAGES = "pages-1";
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
      .then((cache) => Promise.all(shell.map((address) => cache.add(new Request(address, { cache: "reload" })))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("shell-") && name !== SHELL).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const kind = kindOf(event.request, self.location.origin);
  if (kind === "still") event.respondWith(fromStill(event.request));
  if (kind === "page") event.respondWith(page(event.request));
  if (kind === "personal") event.respondWith(fetch(event.request).catch(() => offlinePage()));
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

/** Files with a hash in their name never change. */
async function fromStill(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && isStill(new URL(request.url).pathname)) (await caches.open(STILL)).put(request, answer.clone());
  return answer;
}

/** A public page: from the network while there is one, else as it was last read, marked with its age. */
async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && !isPersonal(answer)) await keepPage(request, answer.clone());
    return answer;
  } catch {
    const kept = await (await caches.open(PAGES)).match(request, { ignoreVary: true });
    return kept ? marked(kept) : offlinePage();
  }
}

async function keepPage(request, answer) {
  const cache = await caches.open(PAGES);
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-At", new Date().toISOString());
  await cache.put(request, new Response(await answer.blob(), { status: answer.status, headers }));
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PAGES)).map((key) => cache.delete(key)));
}

/** The page itself tells its age: an attribute that the behaviour `page-age` reads. */
async function marked(kept) {
  const html = (await kept.text()).replace("<html ", `<html data-kept-at="${kept.headers.get("X-Kept-At") ?? ""}" `);
  return new Response(html, { status: 200, headers: kept.headers });
}

async function offlinePage() {
  return (await caches.match(offline)) ?? Response.error();
}
