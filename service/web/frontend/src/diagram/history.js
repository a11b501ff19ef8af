// @ts-check
// Moving through the entries of a case's history.

/**
 * The next entry, forwards or backwards, that a person made; beyond the end when there is none.
 * @param {import("../types").HistoryStep[]} steps
 * @param {number} at index of the entry shown
 * @param {1 | -1} by
 */
export function nextOfPerson(steps, at, by) {
  let index = at + by;
  while (steps[index] && steps[index].who !== "person") index += by;
  return index;
}
