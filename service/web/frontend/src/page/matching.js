// @ts-check
// Which entries of a long list fit what somebody types.

/** @typedef {{value: string, label: string, group: string}} Entry */

/**
 * A text as it is compared: small letters without accents.
 * @param {string} text
 */
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

/**
 * The entries whose name holds the typed text; those that begin with it come first.
 * @param {Entry[]} entries
 * @param {string} typed
 */
export function matching(entries, typed) {
  const wanted = plain(typed);
  const found = entries.filter((entry) => entry.value && plain(entry.label).includes(wanted));
  const first = found.filter((entry) => plain(entry.label).startsWith(wanted));
  return [...first, ...found.filter((entry) => !first.includes(entry))];
}
