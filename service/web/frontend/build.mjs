// Builds ../static/dist: hashed bundles, each beside itself as .br and .gz, manifest.json (name -> file) for the templates, and
// licences.txt with the notices of everything that went in. --uncompressed leaves .br and .gz out, which take nine tenths of the time. Run by `python3 dev.py`, or by hand: npm ci --ignore-scripts && npm run build
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { withoutUnusedRules } from "./purge.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, "../static/dist");
const scripts = ["page.js", "diagram.js", "replay.js", "editor.js", "rule_editor.js", "form_editor.js", "sign_in.js"].map((name) => `src/${name}`);
const sheets = ["theme-auto", "theme-light", "theme-dark", "fkui.min", "tresteg", "diagram", "replay", "editor", "rule_editor", "form_editor", "form_page"].map((name) => `styles/${name}.css`);
const copies = {
  "htmx.js": "node_modules/htmx.org/dist/htmx.min.js", // its makers' minified file, not ours
  ...Object.fromEntries(readdirSync(join(here, "../static")).filter((name) => name.endsWith(".svg")).map((name) => [name, `../static/${name}`])),
};

// The icon font lists five formats; every browser we support reads the newest.
const oneFontFormat = {
  name: "one-font-format",
  setup(on) {
    on.onLoad({ filter: /(?:bpmn|dmn)-font[/\\]css[/\\](?:bpmn|dmn)\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/(?:\s*src:[^;]*;)+/, `\n  src: url('../font/${basename(path, ".css")}.woff2') format('woff2');`),
      loader: "css",
      resolveDir: dirname(path),
    }));
  },
};

const missing = [...scripts, ...sheets, ...Object.values(copies)].filter((file) => !existsSync(join(here, file)));
if (missing.length) {
  console.error(`The browser bundle cannot be built: ${missing.join(", ")} is not there.`);
  process.exit(1);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const bundle = async (entries, plugins) => (await build({
  absWorkingDir: here,
  entryPoints: entries.map((file) => ({ in: file, out: basename(file).replace(/\.\w+$/, "") })),
  outdir: dist,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  splitting: false, // a chunk shared with the editor would bring the viewer 6 KB that it never runs
  metafile: true,
  format: "esm",
  target: "es2022",
  legalComments: "linked",
  loader: { ".woff2": "file", ".svg": "file" },
  plugins,
  logLevel: "warning",
})).metafile.outputs;

// The scripts come first: what they write into a page decides which rules of the sheets are of use.
const outputs = await bundle(scripts, []);
const built = Object.fromEntries(Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint).map(([file, { entryPoint }]) => [basename(entryPoint), join(here, file)]));
Object.assign(outputs, await bundle(sheets, [oneFontFormat, withoutUnusedRules(built)]));

const manifest = {};
const inputs = new Set(Object.values(copies));
for (const [file, output] of Object.entries(outputs)) {
  if (output.cssBundle) {
    console.error(`${output.entryPoint} imports a style sheet. Style sheets are named in styles/, so that pages can link them by themselves.`);
    process.exit(1);
  }
  if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(file);
  Object.keys(output.inputs).forEach((input) => inputs.add(input));
}

for (const [name, source] of Object.entries(copies)) {
  const bytes = readFileSync(join(here, source));
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
  manifest[name] = name.replace(/(\.\w+)$/, `-${hash}$1`);
  writeFileSync(join(dist, manifest[name]), bytes);
}

if (!process.argv.includes("--uncompressed")) Object.values(manifest).forEach(compressed);
writeFileSync(join(dist, "licences.txt"), licences());
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify(Object.fromEntries(Object.entries(manifest).sort()), null, 2)}\n`);

// The folder was emptied above and a name holds the hash of its file, so that no compressed file outlives the one it was made from.
function compressed(name) {
  const bytes = readFileSync(join(dist, name));
  const asText = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const made = { br: brotliCompressSync(bytes, { params: asText }), gz: gzipSync(bytes, { level: 9 }) };
  for (const [ending, smaller] of Object.entries(made)) {
    if (smaller.length < bytes.length) writeFileSync(join(dist, `${name}.${ending}`), smaller);
  }
}

function licences() {
  const packages = new Set([...inputs].map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean));
  return [...packages].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), "utf8").trim() : "See the package."}\n`;
  }).join(`\n${"-".repeat(72)}\n\n`);
}
