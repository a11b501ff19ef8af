// @ts-check
// Sentences that the server put into the page, in the reader's language.
import { pageData } from "../shared/dom.js";
import { fill } from "../shared/text.js";

/** @type {import("../types").Words | undefined} */
let words;

/**
 * A sentence of the page.
 * @param {string} key
 * @param {Record<string, unknown>} [facts]
 */
export function say(key, facts = {}) {
  words ??= /** @type {import("../types").Words} */ (pageData("words"));
  return fill(words[key] ?? key, facts);
}
