// @ts-check
// Moving through the entries of a case's history.

/** @typedef {import("../types").HistoryStep} HistoryStep */

/** Kinds of entries that a person made. */
const BY_PERSON = new Set(["person", "correction"]);

/**
 * The next entry, forwards or backwards, that a person made; beyond the end when there is none.
 * @param {HistoryStep[]} steps
 * @param {number} at index of the entry shown
 * @param {1 | -1} by
 */
export function nextOfPerson(steps, at, by) {
  let index = at + by;
  while (steps[index] && !BY_PERSON.has(steps[index].who)) index += by;
  return index;
}

/**
 * The lines in which the same step was done, this one among them: the rounds of a loop, or the parts of a step for several. They may
 * lie beyond the lines of the page.
 * @param {Record<string, number[]>} rounds
 * @param {HistoryStep} step
 * @returns {number[]} numbers of lines
 */
export const roundsOf = (rounds, { element, kind, fact, n }) => (element && fact ? (rounds[`${kind}/${element}`] ?? [n]) : []);

/**
 * Where each entry stands on the slider: at even distances, or at its time between the first and the last.
 * @param {HistoryStep[]} steps
 * @param {boolean} byTime
 * @returns {number[]} from 0 to 1
 */
export function positions(steps, byTime) {
  const last = steps.length - 1;
  const times = steps.map(({ at }) => Date.parse(at ?? ""));
  const whole = times[last] - times[0];
  if (byTime && whole > 0) return times.map((time) => (time - times[0]) / whole);
  return steps.map((_, index) => (last ? index / last : 0));
}

/**
 * The entry that is nearest to a place on the slider.
 * @param {number[]} places
 * @param {number} wanted from 0 to 1
 */
export function nearest(places, wanted) {
  let found = 0;
  places.forEach((place, index) => {
    if (Math.abs(place - wanted) < Math.abs(places[found] - wanted)) found = index;
  });
  return found;
}
