/** The build of the assets: the old one stands until the new one is whole. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const BUILD = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../../tools/build.mjs");

async function oldBuild() {
  const folder = await mkdtemp(path.join(tmpdir(), "build-"));
  const target = path.join(folder, "static");
  await mkdir(path.join(target, "core"), { recursive: true });
  await writeFile(path.join(target, "core/core.js"), "old");
  await writeFile(path.join(target, "core/gone.js"), "old");
  return { folder, target };
}

function run(target, env = process.env) {
  const told = new Set();
  return new Promise((done) => {
    const look = setInterval(() => told.add(`${existsSync(path.join(target, "core/gone.js"))} ${existsSync(path.join(target, "map/map.css"))}`), 2);
    execFile(process.execPath, [BUILD, target], { env }, (error) => { clearInterval(look); done({ error, told }); });
  });
}

test("a new build takes the old one's place at once, and nothing else is left", async () => {
  const { folder, target } = await oldBuild();
  try {
    const { error, told } = await run(target);
    assert.equal(error, null);
    assert.ok(!told.has("true true"), "old and new were mixed");
    assert.ok(existsSync(path.join(target, "core/core.js")) && !existsSync(path.join(target, "core/gone.js")));
    assert.ok([...told].filter((seen) => seen === "true false").length, "the old build stood while the new one was made");
    assert.deepEqual(await readdir(folder), ["static"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a build that fails leaves the old one as it was", async () => {
  const { folder, target } = await oldBuild();
  try {
    const { error } = await run(target, { ...process.env, ESBUILD_BINARY_PATH: "/bin/false" });
    assert.notEqual(error, null);
    assert.ok(existsSync(path.join(target, "core/gone.js")));
    assert.deepEqual(await readdir(folder), ["static"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
