// @ts-check
// Inputs of a step as lines of text: the name that is written, a space, and the expression it is read from.

/** @param {[target: string, source: string][]} pairs */
export const asLines = (pairs) => pairs.map(([target, source]) => `${target} ${source}`).join("\n");

/**
 * Lines without an expression say nothing yet, and are left out.
 * @param {string} text
 * @returns {[target: string, source: string][]}
 */
export const fromLines = (text) =>
  text
    .split("\n")
    .map((line) => /^(\S+)\s+(.+)$/.exec(line.trim()))
    .flatMap((match) => (match ? [[match[1], match[2]]] : []));
