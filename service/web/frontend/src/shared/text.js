// @ts-check
// Sentences with values in braces.

/**
 * Put values into a sentence; a name without a value stays as it is.
 * @param {string} text such as "Saved {time}"
 * @param {Record<string, unknown>} facts
 */
export const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => String(facts[name] ?? whole));
