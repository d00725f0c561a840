/** Which requests the service worker answers, and which pages it must never keep. */
const NEVER = /^\/(konto|mitteilungen|abmelden|desk|api|open311|door|ingest|health|metrics|sw\.js|darstellung\/setzen|sprache)(\/|$)/;
const SECRET = /^\/(melden\/danke|m)\/[\w-]{12,}/;
const ENDS = /^\/(konto\/anmelden\/logout|konto\/daten\/loeschen|mitteilungen\/vergessen)\/$/;
const HASHED = /[.-][0-9a-zA-Z]{8,}\.(js|css|woff2|svg|png|webp)$/;

export const isStill = (path) => HASHED.test(path);

/** "still": a file of ours; "page": a public page; "personal": a page never kept; "": not ours to answer. */
export function kindOf(request, origin) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== origin) return "";
  if (url.pathname.startsWith("/static/")) return "still";
  if (request.mode !== "navigate") return "";
  return NEVER.test(url.pathname) || SECRET.test(url.pathname) ? "personal" : "page";
}

/** A page that says it is somebody's own: core/web/own_pages.py says so of every page of a session. */
export const isPersonal = (answer) => /no-store|private/.test(answer.headers.get("Cache-Control") ?? "");

/** Somebody leaves this device: whatever was read here goes. */
export const endsHere = (request) => request.method === "POST" && ENDS.test(new URL(request.url).pathname);

/** The caches of what was read ("pages-…") or kept for one person ("own-…"); the shell is everybody's. */
export const isOfReader = (cache) => /^(pages|own)-/.test(cache);
