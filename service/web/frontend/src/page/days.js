// @ts-check
// Days of the calendar, counted in UTC so that no summer time moves them.

/** @param {string} iso */
export const dayOf = (iso) => new Date(`${iso}T00:00Z`);
/** @param {Date} day */
export const isoOf = (day) => day.toISOString().slice(0, 10);

/**
 * Some days and months later; of a month that is too short its last day.
 * @param {Date} day
 * @param {number} days
 * @param {number} [months]
 */
export function later(day, days, months = 0) {
  const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + months, (months ? Math.min(day.getUTCDate(), last) : day.getUTCDate()) + days));
}

/**
 * The weeks of a month, each from Monday to Sunday.
 * @param {Date} day
 */
export function monthRows(day) {
  const first = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1));
  const monday = later(first, -((first.getUTCDay() + 6) % 7));
  const count = Math.ceil((((first.getUTCDay() + 6) % 7) + later(first, -1, 1).getUTCDate()) / 7);
  return Array.from({ length: count }, (_, week) => Array.from({ length: 7 }, (_, n) => later(monday, week * 7 + n)));
}
