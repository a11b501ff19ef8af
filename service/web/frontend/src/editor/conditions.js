// @ts-check
// Plain conditions, each a name, a comparison and a value, joined by and or or: written as FEEL, and read back where FEEL is as plain as that. Pure.

/** @typedef {import("../types").Variable} Variable */
/** @typedef {{name: string, sign: string, value: string}} Plain */
/** @typedef {{join: "and" | "or", parts: Plain[]}} Conditions */

const NAME = "[A-Za-z_][\\w]*(?:\\.[A-Za-z_]\\w*)*";
const COMPARED = new RegExp(`^(${NAME})\\s*(<=|>=|!=|=|<|>)\\s*("[^"]*"|-?\\d+(?:\\.\\d+)?|true|false|null|date\\("[\\d-]+"\\))$`);
const CONTAINED = new RegExp(`^(not\\()?list contains\\((${NAME}),\\s*("[^"]*")\\)(\\))?$`);
const DATE = /^date\("([\d-]+)"\)$/;

/**
 * The comparisons that make sense for a kind of value.
 * @param {string} kind such as "number"
 */
export const signsFor = (kind) =>
  ({ number: ["=", "!=", "<", "<=", ">", ">="], date: ["=", "<", "<=", ">", ">="], "date and time": ["<", ">"], list: ["has", "has not"] })[kind] ?? ["=", "!="];

/**
 * One condition as FEEL.
 * @param {Plain} condition
 * @param {string} kind of the name
 */
function written({ name, sign, value }, kind) {
  const text = `"${value.replaceAll('"', "")}"`;
  if (sign === "has") return `list contains(${name}, ${text})`;
  if (sign === "has not") return `not(list contains(${name}, ${text}))`;
  if (value === "") return `${name} ${sign} null`;
  const literal = { number: value.replace(",", "."), boolean: value, date: `date("${value}")` }[kind] ?? text;
  return `${name} ${sign} ${literal}`;
}

/**
 * Conditions as FEEL; those that have no name yet are left out.
 * @param {Conditions} conditions
 * @param {Variable[]} variables
 */
export function writeConditions({ join, parts }, variables) {
  const kinds = new Map(variables.map(({ name, kind }) => [name, kind]));
  return parts.filter(({ name }) => name).map((part) => written(part, kinds.get(part.name) ?? "string")).join(` ${join} `);
}

/**
 * Reads FEEL back; nothing where it is more than plain conditions.
 * @param {string} text
 * @returns {Conditions | null}
 */
export function readConditions(text) {
  const bare = text.replace(/^=/, "").trim();
  if (!bare) return { join: "and", parts: [] };
  const join = / or /.test(bare) ? "or" : "and";
  const parts = bare.split(` ${join} `).map((part) => readOne(part.trim()));
  return parts.every((part) => part !== null) ? { join, parts } : null;
}

/** @param {string} text @returns {Plain | null} */
function readOne(text) {
  const contained = CONTAINED.exec(text);
  if (contained && Boolean(contained[1]) === Boolean(contained[4])) return { name: contained[2], sign: contained[1] ? "has not" : "has", value: contained[3].slice(1, -1) };
  const compared = COMPARED.exec(text);
  if (compared) {
    const [, name, sign, literal] = compared;
    return { name, sign, value: literal === "null" ? "" : (DATE.exec(literal)?.[1] ?? literal.replace(/^"|"$/g, "")) };
  }
  return new RegExp(`^${NAME}$`).test(text) ? { name: text, sign: "=", value: "true" } : null;
}

/**
 * What may be put into an expression: each name with its type, and each of its values; those that fit what is typed come first.
 * @param {Variable[]} variables
 * @param {string} typed
 * @returns {{text: string, about: string}[]}
 */
export function suggestions(variables, typed) {
  const asked = typed.trim().toLowerCase();
  const all = variables.flatMap(({ name, kind, values }) => [{ text: name, about: kind }, ...values.map((value) => ({ text: `${name} = "${value}"`, about: "" }))]);
  const fits = all.filter(({ text }) => text.toLowerCase().includes(asked));
  return [...fits.filter(({ text }) => text.toLowerCase().startsWith(asked)), ...fits.filter(({ text }) => !text.toLowerCase().startsWith(asked))];
}
