/** htmx under our strict content policy: nothing evaluated, no style element added. */
import htmx from "htmx.org/dist/htmx.esm.js";

export function startHtmx({ enhance, retire }) {
  Object.assign(htmx.config, {
    allowEval: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    historyCacheSize: 0,
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "422", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.body.addEventListener("htmx:configRequest", ({ detail }) => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (token) detail.headers["X-CSRFToken"] = token.value;
  });
  htmx.onLoad((element) => enhance(element));
  document.body.addEventListener("htmx:beforeCleanupElement", ({ target }) => retire(target));
  document.body.addEventListener("htmx:responseError", ({ detail }) => {
    window.location.assign(detail.pathInfo.finalRequestPath ?? window.location.href);
  });
  htmx.process(document.body);
  return htmx;
}
