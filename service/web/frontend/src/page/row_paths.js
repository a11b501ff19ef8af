// @ts-check
// Names and ids of the fields in a row begin with the row's path, with dots in names and dashes in ids.

/** @param {string} path */
const numberOf = (path) => Number(path.split(".").pop());

/**
 * The path of a new row: one number above the highest, so that a removed row's number does not come back beside it.
 * @param {string} list path of the list
 * @param {string[]} rows paths of its rows
 */
export const nextPath = (list, rows) => `${list}.${Math.max(-1, ...rows.map(numberOf)) + 1}`;

/** @param {string} path */
const idOf = (path) => `f-${path.replaceAll(".", "-")}`;

/**
 * An attribute of a row's copy as it is in the new row.
 * @param {string} name
 * @param {string} value
 * @param {string} from path of the row that was copied
 * @param {string} to path of the new row
 */
export function renumbered(name, value, from, to) {
  if (/^(name|value|data-path|data-row|data-rows)$/.test(name)) return value.replace(from, to);
  if (/^(id|for|aria-describedby)$/.test(name)) return value.replaceAll(idOf(from), idOf(to));
  return value;
}
