// Leaves out of the style sheets of others what none of our pages can show. styles/unused.json names, for each of our sheets, the blocks whose
// classes never occur; a rule goes when every one of its selectors needs such a class.
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const unused = JSON.parse(readFileSync(new URL("styles/unused.json", import.meta.url), "utf8"));

export const withoutUnusedBlocks = {
  name: "without-unused-blocks",
  setup(on) {
    on.onResolve({ filter: /\.css$/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      const blocks = unused[basename(importer)];
      if (!blocks || pluginData === "asked") return undefined;
      const found = await on.resolve(path, { importer, resolveDir, kind, pluginData: "asked" });
      return { ...found, suffix: `?${basename(importer)}`, pluginData: { blocks } };
    });
    on.onLoad({ filter: /\.css$/ }, ({ path, pluginData }) =>
      pluginData?.blocks && { contents: trim(readFileSync(path, "utf8").replace(/\/\*[^]*?\*\//g, ""), new Set(pluginData.blocks)), loader: "css" },
    );
  },
};

export function trim(css, blocks) {
  return rules(css).map(([head, body]) => kept(head, body, blocks)).join("");
}

function kept(head, body, blocks) {
  if (/^\s*@(media|supports|layer|container)/.test(head)) return `${head}{${trim(body, blocks)}}`;
  if (/^\s*@/.test(head) || body === undefined) return body === undefined ? head : `${head}{${body}}`;
  // a selector with :not(), :is() or :where() may hold for elements without the class, and commas inside; it stays
  const idle = !head.includes("(") && head.split(",").every((selector) => classes(selector).some((name) => blocks.has(name.split(/__|--/)[0])));
  return idle ? "" : `${head}{${body}}`;
}

function classes(selector) {
  return [...selector.matchAll(/\.([\w-]+)/g)].map(([, name]) => name);
}

// Splits into [what stands before the brace, what stands inside]; a statement without braces, such as @charset, has no inside.
function rules(css) {
  const found = [];
  let start = 0, open = 0, depth = 0, quote = "";
  for (let at = 0; at < css.length; at += 1) {
    const sign = css[at];
    if (quote) quote = sign === quote && css[at - 1] !== "\\" ? "" : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === ";" && depth === 0) found.push([css.slice(start, (start = at + 1)), undefined]);
    else if (sign === "{" && (depth += 1) === 1) open = at;
    else if (sign === "}" && (depth -= 1) === 0) found.push([css.slice(start, open), css.slice(open + 1, at)]), (start = at + 1);
  }
  return found;
}
