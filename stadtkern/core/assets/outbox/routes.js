/** Which requests the service worker answers, and which pages it must never keep. */
const NEVER = /^\/(konto|mitteilungen|abmelden|desk|api|open311|door|ingest|health|metrics|sw\.js|darstellung\/setzen|sprache)(\/|$)/;
const SECRET = /^\/(melden\/danke|m)\/[\w-]{12,}/;
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

/** A page that says it is somebody's own, by its headers. */
export function isPersonal(answer) {
  const control = answer.headers.get("Cache-Control") ?? "";
  return /no-store|private/.test(control) || answer.headers.get("X-Personal") === "yes";
}
