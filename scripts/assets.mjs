// Called by scripts/build-assets. Writes static/dist beside itself first, then moves it into place,
// so that a reader never meets a half-built folder.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DIST = "static/dist";
const SOURCES = ["static/scss", "static/js", "static/images", "scripts/assets.mjs", "scripts/logical.mjs", "node_modules/.installed"];
const FONTS = {
  "fraunces-latin": "fraunces/files/fraunces-latin-wght-normal",
  "fraunces-latin-ext": "fraunces/files/fraunces-latin-ext-wght-normal",
  "atkinson-latin": "atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal",
  "atkinson-latin-ext": "atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-ext-wght-normal",
};

function filesOf(path) {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path).sort().flatMap((name) => filesOf(join(path, name)));
  } catch {
    return [path];
  }
}

function fingerprint() {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap(filesOf)) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

async function build(target) {
  const { compile } = await import("sass");
  const { buildSync, transformSync } = await import("esbuild");
  const { logical } = await import("./logical.mjs");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, "fonts"), { recursive: true });
  for (const [name, source] of Object.entries(FONTS)) {
    cpSync(`node_modules/@fontsource-variable/${source}.woff2`, join(target, "fonts", `${name}.woff2`));
  }
  cpSync("static/images", join(target, "images"), { recursive: true });
  const { css } = compile("static/scss/app.scss", { loadPaths: ["node_modules"], quietDeps: true });
  writeFileSync(join(target, "app.css"), transformSync(logical(css), { loader: "css", minify: true, target: "es2022" }).code);
  buildSync({
    entryPoints: ["static/js/app.js", "static/js/theme.js", "static/js/passkeys.js"],
    outdir: target,
    bundle: true,
    minify: true,
    target: "es2020",
    legalComments: "none",
    logLevel: "warning",
  });
}

const now = fingerprint();
const stamp = join(DIST, ".built");
if (existsSync(stamp) && readFileSync(stamp, "utf8") === now) process.exit(0);
const draft = `static/.dist-${process.pid}`;
await build(draft);
writeFileSync(join(draft, ".built"), now);
const old = `${draft}.old`;
if (existsSync(DIST)) renameSync(DIST, old);
renameSync(draft, DIST);
rmSync(old, { recursive: true, force: true });
console.log("Assets built.");
