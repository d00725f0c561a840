/** What every page loads: behaviours by name, htmx only where a page asks for it. */
import { enhance, retire } from "./enhance.js";
import { registerWorker } from "./worker-registration.js";

enhance(document).then(() => { document.documentElement.dataset.ready = ""; });  // what drives the page waits for it

if (document.querySelector("[hx-get], [hx-post], [data-hx]")) {
  import("./htmx.js").then(({ startHtmx }) => startHtmx({ enhance, retire }));
}
registerWorker();
