/** The crew's list on the device: kept for the one person who took it along, for a day, gone when they sign out.
 *
 *  The page (behaviour keep-field) puts it here, the service worker shows it while there is no network. The cache's
 *  name says whose it is: whatever begins with "own-" goes with its reader (routes.js).
 */
export const FIELD = "own-field-1";
export const LIVES_MS = 24 * 60 * 60 * 1000;
const PAGE = "/desk/meldungen/unterwegs/";
const PHOTO = /^\/bild\//;
const SIGN_IN = /^\/konto\/anmelden\//;

const pathOf = (address) => new URL(address, globalThis.location?.href).pathname;

export const isFieldPage = (request) => pathOf(request.url) === PAGE;
export const isFieldPhoto = (request) => request.method === "GET" && request.destination === "image" && PHOTO.test(pathOf(request.url));
/** Somebody signs in or out: it may be another person, so the list of the last one goes. */
export const changesPerson = (request) => request.mode === "navigate" && SIGN_IN.test(pathOf(request.url));
export const isTooOld = (keptAt, now = Date.now()) => !(now - Date.parse(keptAt) < LIVES_MS);

/** Keeps the page as it is now on the server, with its photos and files; returns how many photos it holds. */
export async function keepField({ address, photosOf, files, request = fetch, store = caches }) {
  const answer = await request(address, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(`not the list: ${answer.status}`);
  const html = await answer.text();
  await store.delete(FIELD);
  const cache = await store.open(FIELD);
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-At", new Date().toISOString());
  await cache.put(address, new Response(html, { status: 200, headers }));
  const photos = await Promise.all(photosOf(html).map((each) => keepOne(cache, each, request)));
  await Promise.all(files.map((each) => keepOne(cache, each, request)));
  return photos.filter(Boolean).length;
}

async function keepOne(cache, address, request) {
  try {
    const answer = await request(address);
    if (answer.ok) await cache.put(address, answer);
    return answer.ok;
  } catch {
    return false;
  }
}

/** When the list was taken along, or null. */
export async function keptSince(address, store = caches) {
  const kept = await (await store.open(FIELD)).match(address, { ignoreVary: true });
  return kept?.headers.get("X-Kept-At") ?? null;
}

/** The list from the network; without one as it was taken along. Undefined when there is none, or it is too old. */
export async function fieldPage(request, store = caches) {
  try {
    const answer = await fetch(request);
    if (answer.type === "opaqueredirect" || answer.status === 403) await store.delete(FIELD);
    return answer;
  } catch {
    const kept = await (await store.open(FIELD)).match(request, { ignoreVary: true, ignoreSearch: true });
    if (!kept || !isTooOld(kept.headers.get("X-Kept-At"))) return kept;
    await store.delete(FIELD);
    return undefined;
  }
}

export async function fieldPhoto(request, store = caches) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await store.open(FIELD)).match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

/** A list older than a day does not stay on the device, whether somebody looks or not. */
export async function dropOld(store = caches) {
  if (!(await store.has(FIELD))) return;
  const cache = await store.open(FIELD);
  const [page] = (await cache.keys()).filter(isFieldPage);
  const kept = page && (await cache.match(page, { ignoreVary: true }));
  if (!kept || isTooOld(kept.headers.get("X-Kept-At"))) await store.delete(FIELD);
}
