/** Page behaviours. The server sends complete HTML; a behaviour only makes it nicer.
 *
 *      <form data-enhance="count-letters confirm-leave">
 *
 *  A behaviour is behaviours/<name>.js (of any module) with one default function
 *  (element, signal) => void; its listeners take the signal, so they end with the element.
 *  A button that does nothing without its behaviour is served `disabled data-wakes` and wakes here: no press is lost.
 */
const running = new WeakMap();

async function fromHouse(name) {
  const { behaviours } = await import("stadtkern:behaviours");
  if (!behaviours[name]) throw new Error(`no behaviour "${name}"`);
  return behaviours[name]();
}

/** Starts the behaviours of every element below root that has none running yet. */
export async function enhance(root = document, load = fromHouse) {
  const found = [...root.querySelectorAll("[data-enhance]")];
  if (root.matches?.("[data-enhance]")) found.unshift(root);
  await Promise.all(found.map((element) => start(element, load)));
}

async function start(element, load) {
  if (running.has(element)) return;
  const ending = new AbortController();
  running.set(element, ending);
  for (const name of element.dataset.enhance.split(/\s+/).filter(Boolean)) {
    try {
      (await load(name)).default(element, ending.signal);
    } catch (error) {
      console.error(`behaviour ${name}`, error);
    }
  }
  wake(element);
}

function wake(element) {
  const own = [...element.querySelectorAll("[data-wakes]")].filter((button) => button.closest("[data-enhance]") === element);
  if (element.hasAttribute("data-wakes")) own.push(element);
  for (const button of own) button.disabled = false;
}

/** Ends the behaviours of root and below, before htmx takes it out of the page. */
export function retire(root) {
  const below = root.querySelectorAll ? [...root.querySelectorAll("[data-enhance]")] : [];
  for (const element of [root, ...below]) {
    running.get(element)?.abort();
    running.delete(element);
  }
}
