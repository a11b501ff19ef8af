// @ts-check
// bpmn-js and dmn-js speak English. What is met in our palette and menus is said in the reader's language; the rest stays as it is.
import { fill } from "./text.js";

/** @typedef {import("../types").Words} Words */

/**
 * A text of bpmn-js in the reader's language.
 * @param {[english: Words, own: Words]} texts by the same keys
 * @param {Words} [terms] its own words to plain ones, in either language
 */
export function translator([english, own], terms = {}) {
  const known = { ...Object.fromEntries(Object.entries(english).map(([key, text]) => [text, own[key]])), ...terms };
  return (/** @type {string} */ text, /** @type {Record<string, unknown>} */ facts = {}) =>
    fill(known[text] ?? text, facts);
}

/** The module for bpmn-js and its sisters. @param {[english: Words, own: Words]} texts @param {Words} [terms] */
export const translations = (texts, terms) => ({ translate: ["value", translator(texts, terms)] });
