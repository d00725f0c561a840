/** What waits on the device: drafts, and filled-in forms that still have to be sent. Used by pages and the worker. */
const NAME = "stadtkern";
const VERSION = 1;
export const DRAFTS = "drafts";
export const OUTBOX = "outbox";

function open(factory = globalThis.indexedDB) {
  return new Promise((done, fail) => {
    const asked = factory.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      for (const shelf of [DRAFTS, OUTBOX]) {
        if (!asked.result.objectStoreNames.contains(shelf)) asked.result.createObjectStore(shelf, { keyPath: "id" });
      }
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function inShelf(shelf, mode, act) {
  const base = await open();
  try {
    return await new Promise((done, fail) => {
      const change = base.transaction(shelf, mode);
      const asked = act(change.objectStore(shelf));
      change.oncomplete = () => done(asked?.result);
      change.onerror = change.onabort = () => fail(change.error);
    });
  } finally {
    base.close();
  }
}

export const put = (shelf, item) => inShelf(shelf, "readwrite", (store) => store.put(item));
export const get = (shelf, id) => inShelf(shelf, "readonly", (store) => store.get(id));
export const drop = (shelf, id) => inShelf(shelf, "readwrite", (store) => store.delete(id));
export const all = (shelf) => inShelf(shelf, "readonly", (store) => store.getAll());
