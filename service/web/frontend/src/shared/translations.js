// @ts-check
// bpmn-js speaks English. What is met in our palette and menus is said in the reader's language; the rest stays as it is.
import { fill } from "./text.js";

/** @typedef {import("../types").Words} Words */

/**
 * A text of bpmn-js in the reader's language.
 * @param {[english: Words, own: Words]} texts by the same keys
 */
export function translator([english, own]) {
  const known = new Map(Object.entries(english).map(([key, text]) => [text, own[key]]));
  return (/** @type {string} */ text, /** @type {Record<string, unknown>} */ facts = {}) =>
    fill(known.get(text) ?? text, facts);
}

/** The module for bpmn-js. @param {[english: Words, own: Words]} texts */
export const translations = (texts) => ({ translate: ["value", translator(texts)] });
