/** The crew's list on the device: whole, one person's, for a day. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIELD, changesPerson, dropOld, isFieldPhoto, isTooOld, keepField, keptSince } from "../outbox/field.js";
import { isOfReader } from "../outbox/routes.js";

const HERE = "https://stadt.example";
const PAGE = `${HERE}/desk/meldungen/unterwegs/`;

/** As much of CacheStorage as is used. */
class Store {
  caches = new Map();
  async open(name) {
    if (!this.caches.has(name)) this.caches.set(name, new Map());
    const kept = this.caches.get(name);
    const name_of = (request) => request.url ?? request;
    return {
      put: async (address, answer) => { kept.set(name_of(address), answer); },
      match: async (address) => kept.get(name_of(address))?.clone(),
      keys: async () => [...kept.keys()].map((url) => ({ url })),
    };
  }
  async has(name) { return this.caches.has(name); }
  async delete(name) { return this.caches.delete(name); }
}
const html = (text) => new Response(text, { headers: { "Content-Type": "text/html" } });
const taken = (store, request) => keepField({ address: PAGE, photosOf: () => [`${HERE}/bild/1`, `${HERE}/bild/2`], files: [`${HERE}/static/core.js`], store, request });

test("the list is kept with the photos that came, and with its time", async () => {
  const store = new Store();
  const city = async (address) => (address.endsWith("/2") ? new Response("", { status: 404 }) : html("<p>Poller</p>"));
  assert.equal(await taken(store, city), 1);
  assert.ok(Math.abs(Date.parse(await keptSince(PAGE, store)) - Date.now()) < 5000);
  assert.deepEqual([...store.caches.get(FIELD).keys()], [PAGE, `${HERE}/bild/1`, `${HERE}/static/core.js`]);
});

test("without a network the list taken before stays", async () => {
  const store = new Store();
  await taken(store, async () => html("old"));
  await assert.rejects(taken(store, async () => { throw new TypeError("offline"); }));
  assert.equal(await (await (await store.open(FIELD)).match(PAGE)).text(), "old");
});

test("the sign-in page is no list", async () => {
  const store = new Store();
  const login = Object.defineProperty(html("Anmelden"), "redirected", { value: true });
  await assert.rejects(taken(store, async () => login));
  assert.equal(await store.has(FIELD), false);
});

test("after a day it is gone, and a fresh one stays", async () => {
  const store = new Store();
  await taken(store, async () => html("fresh"));
  await dropOld(store);
  assert.equal(await store.has(FIELD), true);
  const old = new Response("old", { headers: { "X-Kept-At": new Date(Date.now() - 25 * 3_600_000).toISOString() } });
  await (await store.open(FIELD)).put(PAGE, old);
  await dropOld(store);
  assert.equal(await store.has(FIELD), false);
  for (const strange of [null, "", "yesterday"]) assert.equal(isTooOld(strange), true);
});

test("it goes when its reader leaves, or somebody signs in", () => {
  assert.equal(isOfReader(FIELD), true);
  const asks = (path, mode = "navigate") => changesPerson({ url: HERE + path, mode });
  assert.equal(asks("/konto/anmelden/login/?next=/desk/"), true);
  assert.equal(asks("/konto/anmelden/logout/"), true);
  assert.equal(asks("/konto/"), false);
  assert.equal(asks("/konto/anmelden/login/", "cors"), false);
});

test("only photos are looked for in the list", () => {
  const photo = (path, destination = "image") => isFieldPhoto({ url: HERE + path, method: "GET", destination });
  assert.equal(photo("/bild/1/2/card"), true);
  assert.equal(photo("/static/core/icons.svg"), false);
  assert.equal(photo("/bild/1/2/card", "document"), false);
});
