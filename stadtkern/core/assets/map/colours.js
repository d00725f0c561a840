/** The page's colours for things that know no style sheets. */
export function isDark(root = document.documentElement) {
  const chosen = root.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen === "dark";
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

/** A token as a colour MapLibre understands. */
export function colour(box, token) {
  const probe = document.createElement("i");
  probe.style.color = `var(${token})`;
  box.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
