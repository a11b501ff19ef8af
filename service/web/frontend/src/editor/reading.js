// @ts-check
// Opens a diagram. What the drawing program cannot read would be lost when it saves: such a file is shown, named and kept as it is.
import { one } from "../shared/dom.js";
import { fill } from "../shared/text.js";
import { make } from "./dom.js";

const MOST = 5;

/**
 * The parts that warnings of the reader speak of, each once: `unparsable content <foo> detected`, `unknown attribute <bar>`.
 * @param {string[]} warnings
 */
export function unreadable(warnings) {
  const named = warnings.flatMap((text) => (/^unparsable content/.test(text) ? [/<([^>\s]+)/.exec(text)?.[1] ?? text.split("\n")[0]] : []));
  return [...new Set(named)];
}

/**
 * @param {{importXML: (xml: string) => Promise<{warnings: unknown[]}>}} modeler
 * @param {string} xml
 * @param {import("../types").Words} words
 * @returns {Promise<boolean>} whether the diagram may be changed here
 */
export async function read(modeler, xml, words) {
  try {
    const { warnings } = await modeler.importXML(xml);
    const lost = unreadable(warnings.map((warning) => String(/** @type {Error} */ (warning).message ?? warning)));
    if (lost.length) tell(fill(words.unreadable, { names: lost.slice(0, MOST).join(", ") }));
    return !lost.length;
  } catch (error) {
    tell(fill(words.undrawable, { why: error instanceof Error ? error.message.split("\n")[0] : "" }));
    return false;
  }
}

/** @param {string} text */
const tell = (text) => one(document, "[data-editor]").before(make("p", { class: "t-band t-band--warn", role: "alert" }, text));
