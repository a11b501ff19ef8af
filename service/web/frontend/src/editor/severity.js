// @ts-check
// Findings of the linter by how grave they are: errors (E), warnings (W), information (I).

/** @typedef {import("../types").Finding} Finding */

const ORDER = "EWI";

/** @param {Finding[]} findings */
export const gravestFirst = (findings) =>
  [...findings].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));

/**
 * The gravest severity of each element that has a finding.
 * @param {Finding[]} findings
 */
export function gravest(findings) {
  /** @type {Map<string, Finding["severity"]>} */
  const found = new Map();
  for (const { element, severity } of gravestFirst(findings))
    if (element && !found.has(element)) found.set(element, severity);
  return found;
}
