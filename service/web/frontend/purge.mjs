// Leaves out of the style sheets of others the rules that none of our pages can show. PurgeCSS looks for the names of their classes and tags
// in what makes our pages: the templates and scripts.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PurgeCSS } from "purgecss";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

// Classes that stand nowhere as a whole word.
const COMPOSED = [
  /^badge--/, // the macro `badge` puts the colour of a state behind it
  /^message-box--/, // the macro `box` puts its tone behind it
  /^button--/, // pages put `primary` or `secondary` behind it
  /^t-(added|removed|changed|moved)$/, // a comparison puts the sign of a difference behind `t-`
  /^djs-(shape|connection)$/, // diagram-js puts the kind of an element behind `djs-`
];

// Which sheets are cut down, and the scripts that make elements for them. The editor's sheet is not among them: of its rules the editor could
// make use of all but two.
const scriptsFor = {
  "fkui.min.css": () => contents(folder("src"), ".js"),
  "diagram.css": (built) => [readFileSync(built["diagram.js"], "utf8")], // with what it brings of bpmn-js
};

export const withoutUnusedRules = (built) => ({
  name: "without-unused-rules",
  setup(on) {
    const pages = contents(folder("../templates"), ".html");
    on.onResolve({ filter: /\.css$/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      const sheet = basename(importer);
      if (!(sheet in scriptsFor) || pluginData === "asked") return undefined;
      const found = await on.resolve(path, { importer, resolveDir, kind, pluginData: "asked" });
      return { ...found, suffix: `?${sheet}`, pluginData: { scripts: scriptsFor[sheet](built) } }; // editor.css imports the same files, whole
    });
    on.onLoad({ filter: /\.css$/ }, async ({ path, suffix, pluginData }) => {
      if (!suffix) return undefined;
      const sheet = readFileSync(path, "utf8");
      const [{ css }] = await new PurgeCSS().purge({
        content: [...pages, ...pluginData.scripts].map((raw) => ({ raw, extension: "html" })),
        css: [{ raw: sheet }],
        safelist: [...COMPOSED, ...composedIn(sheet, pluginData.scripts)],
        keyframes: true,
      });
      return { contents: css, loader: "css" };
    });
  },
});

function contents(path, ending) {
  const files = readdirSync(path, { recursive: true }).filter((file) => file.endsWith(ending));
  return files.map((file) => readFileSync(join(path, file), "utf8"));
}

// Classes of a sheet that a script may put together from a longer part and an end: `djs-resizer` and `-nw`, `djs-cursor-` and `grab`.
function composedIn(sheet, scripts) {
  const words = new Set([...scripts.join("\n").matchAll(/[a-z]+(?:-[a-z]+)+/g)].map(([word]) => word));
  const classes = new Set([...sheet.matchAll(/\.([a-z][\w-]*)/g)].map(([, name]) => name));
  return [...classes].filter((name) => [...name.matchAll(/-/g)].some(({ index }) => words.has(name.slice(0, index))));
}
