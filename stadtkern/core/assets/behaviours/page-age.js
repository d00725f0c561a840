/** A page that came from the device's memory says how old it is. */
export function ageOf(keptAt, now = Date.now(), language = document.documentElement.lang) {
  const minutes = Math.round((now - Date.parse(keptAt)) / 60_000);
  const words = new Intl.RelativeTimeFormat(language.replace("de-simple", "de"), { numeric: "auto" });
  if (minutes < 60) return words.format(-minutes, "minute");
  if (minutes < 48 * 60) return words.format(-Math.round(minutes / 60), "hour");
  return words.format(-Math.round(minutes / 1440), "day");
}

export default function pageAge(element) {
  const keptAt = document.documentElement.dataset.keptAt;
  if (!keptAt) return;
  element.querySelector("[data-age]").textContent = ageOf(keptAt);
  element.hidden = false;
}
