// @ts-check
// How each field of the panel is shown, and what it holds.
import { all } from "../shared/dom.js";
import { fill } from "../shared/text.js";
import { make } from "./dom.js";
import { conditionBuilder, namePicker } from "./feel.js";
import { lengthOf, lengthWords, rulesIn } from "./lengths.js";

/** @typedef {import("../types").Field} Field */
/** @typedef {import("../types").EditorData} EditorData */
/** @typedef {Record<string, unknown>} Attributes */
/** @typedef {[string, string][]} Pairs */

/**
 * The input of a field, under its id.
 * @param {Field} field
 * @param {Attributes & {id: string}} shape what all inputs have: id, class, disabled, what describes them
 * @param {EditorData} data
 * @returns {HTMLElement}
 */
export function inputOf(field, shape, data) {
  const { words } = data;
  const given = field.read();
  const code = { ...shape, spellcheck: "false" };
  switch (field.shape) {
    case "long":
      return area(shape, given);
    case "feel":
      return area(code, given);
    case "time":
      return make("input", { ...code, type: "text", value: given });
    case "check":
      return make("input", { ...shape, class: null, type: "checkbox", checked: given });
    case "suggest":
      return make("input", { ...shape, type: "text", value: given, list: `${shape.id}-list` });
    case "select":
      return select(field, shape, given, words);
    case "several":
      return several(field, shape, given);
    case "pairs":
      return pairs(field, shape, given, words);
    default:
      return make("input", { ...shape, type: "text", value: given });
  }
}

/**
 * What stands below the input: a list of names, rows of conditions, a time in words, the contract of a handler.
 * @param {Field} field
 * @param {HTMLElement} input
 * @param {EditorData} data
 * @returns {HTMLElement[]}
 */
export function helpOf(field, input, data) {
  const { words, variables, edit } = data;
  /** @type {HTMLElement[]} */
  const help = [];
  if (field.shape === "suggest") help.push(make("datalist", { id: `${input.id}-list` }, ...(field.options ?? []).map(([value, text]) => make("option", { value }, text === value ? "" : text))));
  if (field.shape === "time") help.push(make("p", { class: "t-hint t-length", "data-length": input.id }));
  if (edit && field.shape === "feel") {
    const text = /** @type {HTMLTextAreaElement} */ (input);
    help.push(namePicker(text, { words, variables }));
    if (field.condition) help.push(conditionBuilder(text, { words, variables }));
    help.push(make("p", { class: "t-hint" }, make("a", { href: data.help, target: "_blank" }, words.feel_help)));
  }
  if (field.about === "handler") help.push(make("div", { class: "t-about", "data-about": input.id }));
  return help;
}

/**
 * Writes into the input what the file says now, and into its help what follows from that.
 * @param {Field} field
 * @param {HTMLElement} element
 * @param {EditorData} data
 * @param {boolean} working whether only working days count here
 */
export function show(field, element, data, working) {
  const given = field.read();
  const input = /** @type {HTMLInputElement} */ (element);
  const typing = element.contains(document.activeElement) && field.shape !== "check";
  if (!typing) {
    if (field.shape === "check") input.checked = given;
    else if (field.shape === "several") for (const box of /** @type {HTMLInputElement[]} */ (all(element, "input"))) box.checked = listed(given).includes(box.value);
    else if (field.shape === "pairs") fillPairs(field, element, given, data.words);
    else input.value = given;
  }
  const about = element.parentElement?.querySelector(`[data-about="${element.id}"]`);
  if (about) about.replaceChildren(...contract(data, given));
  const length = element.parentElement?.querySelector(`[data-length="${element.id}"]`);
  const text = length && lengthWords(given, data.words, working);
  if (length) length.textContent = text ? fill(data.words.length_is, { text }) : rulesIn(given, data, working).join(" ");
}

/**
 * What the input holds, as the field writes it.
 * @param {Field} field
 * @param {HTMLElement} element
 * @returns {{value: unknown, working?: boolean}}
 */
export function valueOf(field, element) {
  const input = /** @type {HTMLInputElement} */ (element);
  if (field.shape === "check") return { value: input.checked };
  if (field.shape === "several") return { value: /** @type {HTMLInputElement[]} */ (all(element, "input:checked")).map(({ value }) => value).join(", ") };
  if (field.shape === "pairs") return { value: pairsIn(element) };
  const length = field.shape === "time" ? lengthOf(input.value) : null;
  return length ? { value: length.iso, working: length.working } : { value: input.value.trim() };
}

/** @param {string} text */
const listed = (text) => text.split(/[\s,]+/).filter(Boolean);

/** @param {Attributes} shape @param {string} text */
const area = (shape, text) => Object.assign(make("textarea", { ...shape, rows: "2" }), { value: text });

/** @param {Field} field @param {Attributes} shape @param {string} given @param {import("../types").Words} words */
function select(field, shape, given, words) {
  /** @type {import("../types").Choice[]} */
  const options = [...(field.options ?? [])];
  if (!field.required) options.unshift(["", field.empty ? words[field.empty] : words.none]);
  if (given && !options.some(([value]) => value === given)) options.push([given, given]);
  const text = (/** @type {string} */ value, /** @type {string} */ label) => (field.translated && value ? (words[label] ?? label) : label);
  const made = make("select", { ...shape, class: "t-input t-select" }, ...options.map(([value, label]) => make("option", { value }, text(value, label))));
  made.value = given;
  return made;
}

/** @param {Field} field @param {Attributes & {id: string}} shape @param {string} given */
function several(field, { id, disabled, onchange }, given) {
  const chosen = listed(given);
  const missing = chosen.filter((one) => !(field.options ?? []).some(([value]) => value === one)).map((one) => /** @type {[string, string]} */ ([one, one]));
  const rows = [...(field.options ?? []), ...missing].map(([value, text]) => make("label", { class: "t-several__one" }, make("input", { type: "checkbox", value, disabled, checked: chosen.includes(value) }), ` ${text}`));
  return make("div", { id, class: "t-several", role: "group", onchange }, ...rows);
}

/** @param {Field} field @param {Attributes & {id: string}} shape @param {Pairs} given @param {import("../types").Words} words */
function pairs(field, { id, disabled, onchange }, given, words) {
  const rows = make("div", { class: "t-pairs__rows" });
  const made = make("div", { id, class: "t-pairs", role: "group", onchange, "data-disabled": disabled }, rows);
  const add = () => {
    rows.append(pair(field, ["", ""], rows.children.length, words, Boolean(disabled)));
    all(rows, "input").at(-2)?.focus();
  };
  if (!disabled) made.append(make("button", { type: "button", class: "button button--secondary button--medium", onclick: add }, words.add));
  fillPairs(field, made, given, words);
  return made;
}

/** @param {Field} field @param {HTMLElement} element @param {Pairs} given @param {import("../types").Words} words */
function fillPairs(field, element, given, words) {
  const disabled = element.dataset.disabled !== undefined;
  all(element, ".t-pairs__rows")[0].replaceChildren(...given.map((one, index) => pair(field, one, index, words, disabled)));
}

/** @param {Field} field @param {[string, string]} one @param {number} index @param {import("../types").Words} words @param {boolean} disabled */
function pair(field, [name, value], index, words, disabled) {
  const n = index + 1;
  const row = make("div", { class: "t-pair" });
  const remove = () => {
    const box = row.parentElement;
    row.remove();
    box?.dispatchEvent(new Event("change", { bubbles: true }));
    /** @type {HTMLElement | null | undefined} */ (box?.parentElement?.querySelector("button:last-of-type"))?.focus();
  };
  row.append(
    make("input", { class: "t-input t-code", type: "text", value: name, disabled, "aria-label": `${words.pair_name} ${n}` }),
    make("input", { class: "t-input t-code", type: "text", value, disabled, "aria-label": `${field.plain ? words.pair_text : words.pair_value} ${n}` }),
    make("button", { class: "t-plain", type: "button", disabled, "aria-label": `${words.remove} ${n}`, onclick: remove }, "×"),
  );
  return row;
}

/** Rows with a name; those that have none yet are kept on the page and not written. @param {HTMLElement} element @returns {Pairs} */
const pairsIn = (element) =>
  all(element, ".t-pair")
    .map((row) => /** @type {[string, string]} */ (/** @type {HTMLInputElement[]} */ (all(row, "input")).map(({ value }) => value.trim())))
    .filter(([name]) => name);

/**
 * What a handler says about itself.
 * @param {EditorData} data
 * @param {string} topic
 */
function contract({ handlers, words }, topic) {
  const found = handlers[topic];
  if (!found) return [];
  const lines = /** @type {const} */ (["reads", "answers", "errors", "letters"]).map((part) => /** @type {const} */ ([words[`handler_${part}`], found[part]]));
  return [
    make("p", {}, found.summary),
    make("dl", { class: "t-dl" }, ...lines.flatMap(([label, names]) => [make("dt", {}, label), make("dd", {}, names.length ? names.join(", ") : words.none)])),
  ];
}
