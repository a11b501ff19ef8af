// @ts-check
// Lengths of time in words: "2 days", "tre arbetsdagar" are written as P2D, P3D; and read back as words. Pure.
import { fill } from "../shared/text.js";

/** @typedef {"Y" | "M" | "D" | "H" | "m"} Unit years, months, days, hours, minutes */
/** @typedef {{iso: string, working: boolean}} Length */

/** @type {[RegExp, Unit, number][]} */
const UNITS = [
  [/^(år|years?)$/, "Y", 1],
  [/^(månad(er)?|mån|months?)$/, "M", 1],
  [/^(veck(a|or)|weeks?)$/, "D", 7],
  [/^(dag(ar)?|dygn|days?|kalenderdag(ar)?|arbetsdag(ar)?|vardag(ar)?|workdays?)$/, "D", 1],
  [/^(timm(e|ar)|tim|h|hours?)$/, "H", 1],
  [/^(minut(er)?|min|minutes?)$/, "m", 1],
];
const NUMBERS = ["noll zero", "en ett one a an", "två tva two", "tre three", "fyra four", "fem five", "sex six", "sju seven", "åtta eight", "nio nine", "tio ten", "elva eleven", "tolv twelve"].map(
  (names) => names.split(" "),
);
const WORKING = /^(working|business|arbets|arbetsdag(ar)?|vardag(ar)?|workdays?)$/;
const ISO = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;

/** @param {string} word */
const numberOf = (word) => (/^\d+$/.test(word) ? Number(word) : NUMBERS.findIndex((names) => names.includes(word)));

/**
 * A length of time that is written in words; nothing for any other text, which stays as it is.
 * @param {string} text such as "2 days" or "en vecka och 3 dagar"
 * @returns {Length | null}
 */
export function lengthOf(text) {
  const said = text.trim().toLowerCase().replace(/(\d)([a-zåäö])/g, "$1 $2").split(/[\s,]+/).filter((word) => word && !["och", "and", "efter", "after"].includes(word));
  const working = said.some((word) => WORKING.test(word));
  const rest = said.filter((word) => !/^(working|business|calendar|arbets)$/.test(word));
  if (!rest.length || rest.length % 2) return null;
  /** @type {Record<Unit, number>} */
  const sums = { Y: 0, M: 0, D: 0, H: 0, m: 0 };
  for (let at = 0; at < rest.length; at += 2) {
    const [count, found] = [numberOf(rest[at]), UNITS.find(([names]) => names.test(rest[at + 1]))];
    if (count < 0 || !found) return null;
    sums[found[1]] += count * found[2];
  }
  const [date, time] = [letters(sums, ["Y", "M", "D"]), letters(sums, ["H", "m"])];
  return date || time ? { iso: `P${date}${time && `T${time}`}`, working } : null;
}

/** @param {Record<Unit, number>} sums @param {Unit[]} units */
const letters = (sums, units) => units.map((unit) => (sums[unit] ? `${sums[unit]}${unit.toUpperCase()}` : "")).join("");

/**
 * A length of time in words; empty for any other text.
 * @param {string} text such as P2D, or =duration("P2D")
 * @param {import("../types").Words} words
 * @param {boolean} working whether only working days count
 */
export function lengthWords(text, words, working = false) {
  const found = ISO.exec(text.replace(/^=\s*duration\("(.*)"\)$/, "$1"));
  if (!found) return "";
  const [years, months, weeks, days, hours, minutes] = found.slice(1).map(Number);
  /** @type {[number, string][]} */
  const parts = [[years, "Y"], [months, "M"], [(weeks || 0) * 7 + (days || 0), working ? "W" : "D"], [hours, "H"], [minutes, "m"]];
  return parts.flatMap(([count, unit]) => (count ? [words[`length_${unit}.${count === 1 ? "one" : "other"}`].replace("{n}", String(count))] : [])).join(" ");
}

/**
 * Where the lengths of time come from that an expression reads, and which they are: a sentence each.
 * @param {string} text FEEL, such as =duration(deadline.counsel)
 * @param {{words: import("../types").Words, lengths: Record<string, import("../types").RuleLengths>}} data
 * @param {boolean} working whether only working days count
 */
export function rulesIn(text, { words, lengths }, working) {
  const names = text.startsWith("=") ? (text.match(/[\w.]+/g) ?? []) : [];
  return [...new Set(names)].filter((name) => Object.hasOwn(lengths, name)).map((name) => {
    const { step, rows } = lengths[name];
    const said = rows.map(([when, length]) => `${lengthWords(length, words, working) || length}${when && ` (${when})`}`);
    return fill(words.length_rule, { name, step, rows: said.join(" · ") });
  });
}
