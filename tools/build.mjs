/** Builds what browsers load: stadtkern/<module>/assets/ -> stadtkern/static_built/<module>/.
 *
 *  - every <name>.entry.js and <name>.entry.css becomes <module>/<name>.js or .css;
 *  - every behaviours/<name>.js is known to enhance.js by its name (two of one name stop the build);
 *  - KERN's style sheet is cut down to the classes that our templates and code name;
 *  - every cities/<key>/theme.css becomes themes/<key>.css, its app/ icons go to themes/<key>/.
 *  Django adds the content hash to the names of entries; the pieces in chunks/ carry their own.
 *
 *  Everything is built in a folder beside the old one and takes its place at the end: a running server never serves
 *  half a build, and a build that fails leaves the old one as it was. `node tools/build.mjs FOLDER` builds elsewhere.
 */
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const HOUSE = path.join(ROOT, "stadtkern");
const TARGET = path.resolve(process.argv[2] ?? path.join(HOUSE, "static_built"));
const BUILT = `${TARGET}.next-${process.pid}`;
const KERN = path.join(ROOT, "node_modules/@kern-ux/native/dist/kern.css");
const MAP = path.join(ROOT, "node_modules/maplibre-gl/dist");
const BROWSERS = ["chrome123", "firefox120", "safari17.5"];

async function filesBelow(folder, fits) {
  if (!existsSync(folder)) return [];
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile() && fits(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !/^static_built/.test(path.relative(HOUSE, file)))
    .sort();
}

async function modules() {
  const entries = await readdir(HOUSE, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
}

async function entryPoints() {
  const points = [];
  for (const name of await modules()) {
    const folder = path.join(HOUSE, name, "assets");
    if (!existsSync(folder)) continue;
    for (const file of (await readdir(folder)).sort()) {
      const found = /^(.+)\.entry\.(js|css)$/.exec(file);
      if (found) points.push({ in: path.join(folder, file), out: `${name}/${found[1]}` });
    }
  }
  return points;
}

/** Name -> file of every behaviour in the house. */
async function behaviourFiles() {
  const found = new Map();
  for (const name of await modules()) {
    const folder = path.join(HOUSE, name, "assets/behaviours");
    for (const file of await filesBelow(folder, (each) => each.endsWith(".js"))) {
      const key = path.basename(file, ".js");
      if (found.has(key)) throw new Error(`behaviour "${key}" exists twice: ${found.get(key)} and ${file}`);
      found.set(key, file);
    }
  }
  return found;
}

/** `import { behaviours } from "stadtkern:behaviours"`: each is loaded when a page asks for it. */
const behaviours = {
  name: "behaviours",
  setup(build) {
    build.onResolve({ filter: /^stadtkern:behaviours$/ }, () => ({ path: "behaviours", namespace: "stadtkern" }));
    build.onLoad({ filter: /.*/, namespace: "stadtkern" }, async () => {
      const lines = [...(await behaviourFiles())].map(
        ([key, file]) => `  ${JSON.stringify(key)}: () => import(${JSON.stringify(file)}),`,
      );
      return { contents: `export const behaviours = {\n${lines.join("\n")}\n};`, resolveDir: HOUSE };
    });
  },
};

/** KERN without the components, icons and tokens that nobody here names. */
const kernCut = {
  name: "kern",
  setup(build) {
    build.onResolve({ filter: /^kern:used$/ }, () => ({ path: KERN, namespace: "kern" }));
    build.onLoad({ filter: /.*/, namespace: "kern" }, async () => {
      const isSource = (name) => /\.(html|py|js|css)$/.test(name);
      const sources = (await filesBelow(HOUSE, isSource)).filter((file) => !file.includes("/tests/"));
      const texts = await Promise.all(sources.map((file) => readFile(file, "utf8")));
      const named = new Set(texts.flatMap((text) => text.match(/kern-[\w-]+|--kern-[\w-]+/g) ?? []));
      const [cut] = await new PurgeCSS().purge({
        content: [{ raw: [...named].join(" "), extension: "txt" }],
        css: [{ raw: withoutReset(await readFile(KERN, "utf8")) }],
        extractors: [{ extractor: (text) => text.split(" "), extensions: ["txt"] }],
        safelist: { standard: ["html", "body", "a", "p", "button", "input", "table", "dialog", "details", "summary", ":is", ":root"] },
        variables: true,
        keyframes: true,
      });
      return { contents: cut.css, loader: "css", resolveDir: path.dirname(KERN) };
    });
  },
};

/** KERN's own reset and its 8 000 lines of spacing and grid classes are not ours. */
function withoutReset(css) {
  const grid = css.indexOf("* @file _grid.scss");
  const kept = grid > 0 ? css.slice(0, css.lastIndexOf("/**", grid)) : css;
  return kept.replace(/\*:not\(i\)\s*\{[^}]*\}/, "").replace(/^html\s*\{[^}]*\}/m, "");
}

async function buildEntries(points) {
  return esbuild.build({
    entryPoints: points,
    outdir: BUILT,
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    target: BROWSERS,
    chunkNames: "chunks/[name]-[hash]",
    assetNames: "fonts/[name]-[hash]",
    loader: { ".woff2": "file", ".svg": "file", ".png": "file" },
    plugins: [behaviours, kernCut],
    logLevel: "warning",
    legalComments: "none",
    metafile: true,
  });
}

/** The service worker is one file without imports, because it is served from the root. */
async function buildWorkers() {
  for (const name of await modules()) {
    const folder = path.join(HOUSE, name, "assets");
    for (const file of await filesBelow(folder, (each) => each.endsWith(".worker.js"))) {
      const out = path.join(BUILT, name, path.basename(file).replace(".worker.js", ".js"));
      await esbuild.build({ entryPoints: [file], outfile: out, bundle: true, format: "iife", minify: true, target: BROWSERS, logLevel: "warning" });
    }
  }
}

async function copyMapLibre() {
  await mkdir(path.join(BUILT, "map"), { recursive: true });
  const worker = await readFile(path.join(MAP, "maplibre-gl-csp-worker.js"), "utf8");
  await writeFile(path.join(BUILT, "map/worker.js"), worker.replace(/\/\/# sourceMappingURL=.*$/m, ""));
  // In the lowest layer, so that our own layers may dress the map's controls.
  const styles = `@layer kern, tokens, base, components, modules;\n@layer kern {${await readFile(path.join(MAP, "maplibre-gl.css"), "utf8")}}`;
  const { code } = await esbuild.transform(styles, { loader: "css", minify: true });
  await writeFile(path.join(BUILT, "map/map.css"), code);
}

async function copyStill() {
  for (const name of await modules()) {
    const still = path.join(HOUSE, name, "assets/still");
    if (existsSync(still)) await cp(still, path.join(BUILT, name), { recursive: true });
  }
}

async function buildThemes() {
  const cities = path.join(ROOT, "cities");
  if (!existsSync(cities)) return;
  for (const city of await readdir(cities)) {
    const icons = path.join(cities, city, "app");
    if (existsSync(icons)) await cp(icons, path.join(BUILT, `themes/${city}`), { recursive: true });
    const theme = path.join(cities, city, "theme.css");
    if (!existsSync(theme)) continue;
    await esbuild.build({ entryPoints: [theme], outfile: path.join(BUILT, `themes/${city}.css`), minify: true, bundle: true, loader: { ".woff2": "file", ".svg": "file", ".png": "file" }, assetNames: "[name]-[hash]", target: BROWSERS, logLevel: "warning" });
  }
}

/** What the service worker keeps from its first moment: entries and small pieces, not the map. */
async function listShell(outputs) {
  const small = Object.entries(outputs)
    .filter(([file, { bytes }]) => /\.(js|css)$/.test(file) && bytes < 80_000)
    .map(([file]) => path.relative(BUILT, path.resolve(ROOT, file)))
    .filter((file) => !/desk|htmx/.test(file));
  const fonts = Object.keys(outputs).filter((file) => /fira-sans-latin-\d/.test(file)).map((file) => path.relative(BUILT, path.resolve(ROOT, file)));
  await writeFile(path.join(BUILT, "core/shell.json"), JSON.stringify([...small, ...fonts].sort()));
}

async function build() {
  await mkdir(BUILT, { recursive: true });
  const points = await entryPoints();
  const { metafile } = await buildEntries(points);
  await listShell(metafile.outputs);
  await Promise.all([buildWorkers(), copyMapLibre(), copyStill(), buildThemes()]);
  return points.length;
}

/** The new build takes the old one's place: two renamings, nothing is copied. */
async function swap() {
  const old = `${TARGET}.old-${process.pid}`;
  if (existsSync(TARGET)) await rename(TARGET, old);
  await rename(BUILT, TARGET);
  await rm(old, { recursive: true, force: true });
}

const started = performance.now();
try {
  const count = await build();
  await swap();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${count} entries -> ${path.relative(process.cwd(), TARGET)} (${seconds} s)`);
} finally {
  await rm(BUILT, { recursive: true, force: true });
}
