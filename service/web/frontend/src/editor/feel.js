// @ts-check
// Help beside a FEEL field: a list of names to pick from, and rows of plain conditions. Both write into the field, as if it had been typed.
import { all } from "../shared/dom.js";
import { make } from "./dom.js";
import { readConditions, signsFor, suggestions, writeConditions } from "./conditions.js";

/** @typedef {import("../types").Words} Words */
/** @typedef {import("../types").Variable} Variable */
/** @typedef {HTMLTextAreaElement | HTMLInputElement} TextField */

const SHOWN = 12;
/** What the words of a comparison are called. @type {Record<string, string>} */
const SIGNS = { "=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", has: "has", "has not": "has_not" };

/** @param {TextField} field @param {string} type */
const told = (field, type) => field.dispatchEvent(new Event(type, { bubbles: true }));

/** @param {TextField} field @param {string} text */
function insert(field, text) {
  field.focus();
  field.setRangeText(text, field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, "end");
  told(field, "input");
}

/**
 * A search field with a list below it: arrows choose, Enter puts the name where the cursor was.
 * @param {TextField} field
 * @param {{words: Words, variables: Variable[]}} parts
 */
export function namePicker(field, { words, variables }) {
  const id = `${field.id}-names`;
  let active = 0;
  const list = make("ul", { class: "t-names", id, role: "listbox", "aria-label": words.names, hidden: true });
  const search = make("input", { class: "t-input", type: "text", id: `${field.id}-search`, role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": id, "aria-label": words.names, placeholder: words.names });
  /** @param {string} text */
  const take = (text) => {
    close();
    search.value = "";
    insert(field, text);
  };
  const close = () => {
    list.hidden = true;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  };
  const draw = () => {
    const found = suggestions(variables, search.value).slice(0, SHOWN);
    active = Math.max(0, Math.min(active, found.length - 1));
    const rows = found.map(({ text, about }, index) =>
      make(
        "li",
        { role: "option", id: `${id}-${index}`, "aria-selected": String(index === active), onpointerdown: (/** @type {Event} */ event) => event.preventDefault(), onclick: () => take(text) },
        make("code", {}, text),
        ...(about ? [make("small", {}, ` ${words[`type_${about.replaceAll(" ", "_")}`] ?? about}`)] : []),
      ),
    );
    list.replaceChildren(...(rows.length ? rows : [make("li", { role: "option", "aria-disabled": "true" }, words.names_none)]));
    list.hidden = false;
    search.setAttribute("aria-expanded", "true");
    if (rows.length) search.setAttribute("aria-activedescendant", `${id}-${active}`);
    return found;
  };
  search.addEventListener("input", () => {
    active = 0;
    draw();
  });
  search.addEventListener("focus", draw);
  search.addEventListener("blur", close);
  search.addEventListener("change", (event) => event.stopPropagation());
  search.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) active += by;
    else if (event.key === "Escape") return close();
    else if (event.key !== "Enter") return undefined;
    event.preventDefault();
    const found = draw();
    if (event.key === "Enter" && found[active]) take(found[active].text);
    return undefined;
  });
  return make("div", { class: "t-picker" }, search, list);
}

/**
 * Rows of plain conditions.
 * @param {TextField} field
 * @param {{words: Words, variables: Variable[]}} parts
 */
export function conditionBuilder(field, { words, variables }) {
  const rows = make("div", { class: "t-conditions" });
  const known = new Map(variables.map((one) => [one.name, one]));
  let state = readConditions(field.value);
  const write = () => {
    if (!state) return;
    field.value = writeConditions(state, variables);
    told(field, "change");
  };
  /** @param {string} label @param {[string, string][]} options @param {string} value @param {(value: string) => void} onchange */
  const choice = (label, options, value, onchange) => {
    const made = make("select", { class: "t-input t-select", "aria-label": label }, ...options.map(([one, text]) => make("option", { value: one }, text)));
    made.value = value;
    made.addEventListener("change", () => onchange(made.value));
    return made;
  };
  /** @param {import("./conditions.js").Plain} part @param {number} index */
  const row = (part, index) => {
    const of = known.get(part.name);
    const kind = of?.kind ?? "string";
    const options = kind === "boolean" ? ["true", "false"] : (of?.values ?? []);
    const set = (/** @type {Partial<typeof part>} */ more) => {
      Object.assign(part, more);
      write();
      draw();
    };
    /** @type {[string, string][]} */
    const names = [["", words.choose_name], ...variables.map(({ name }) => /** @type {[string, string]} */ ([name, name]))];
    if (part.name && !of) names.push([part.name, part.name]);
    const label = (/** @type {string} */ text) => (kind === "boolean" ? words[`value_${text}`] : text);
    const value = options.length
      ? choice(words.condition_value, options.map((text) => [text, label(text)]), part.value, (text) => set({ value: text }))
      : Object.assign(make("input", { class: "t-input", type: "text", "aria-label": words.condition_value, onchange: (/** @type {Event} */ event) => set({ value: /** @type {HTMLInputElement} */ (event.target).value.trim() }) }), { value: part.value });
    return make(
      "div",
      { class: "t-condition", role: "group", "aria-label": `${words.build} ${index + 1}` },
      choice(words.condition_name, names, part.name, (name) => {
        const next = known.get(name);
        set({ name, sign: signsFor(next?.kind ?? "")[0], value: next?.values[0] ?? (next?.kind === "boolean" ? "true" : "") });
      }),
      choice(words.condition_sign, signsFor(kind).map((sign) => [sign, words[`sign_${SIGNS[sign]}`]]), part.sign, (sign) => set({ sign })),
      value,
      make("button", { type: "button", class: "t-plain", "aria-label": `${words.remove} ${index + 1}`, onclick: () => (state?.parts.splice(index, 1), write(), draw()) }, "×"),
    );
  };
  const draw = () => {
    if (!state) return rows.replaceChildren(make("p", { class: "t-hint" }, words.build_not));
    const of = state;
    const add = () => {
      of.parts.push({ name: "", sign: "=", value: "" });
      draw();
      all(rows, ".t-condition").at(-1)?.querySelector("select")?.focus();
    };
    const focused = document.activeElement?.getAttribute("aria-label");
    const at = [...rows.children].findIndex((child) => child.contains(document.activeElement));
    rows.replaceChildren(
      ...of.parts.map(row),
      ...(of.parts.length > 1 ? [choice(words.condition_join, [["and", words.join_and], ["or", words.join_or]], of.join, (join) => ((of.join = /** @type {"and" | "or"} */ (join)), write(), draw()))] : []),
      make("button", { type: "button", class: "button button--secondary button--medium", onclick: add }, words.build_add),
    );
    if (focused && at >= 0) /** @type {HTMLElement | null | undefined} */ (rows.children[at]?.querySelector(`[aria-label="${CSS.escape(focused)}"]`))?.focus();
    return undefined;
  };
  rows.addEventListener("change", (event) => event.stopPropagation());
  const box = make("details", { class: "t-build" }, make("summary", {}, words.build), rows);
  box.addEventListener("toggle", () => {
    if (!box.open) return;
    state = readConditions(field.value);
    draw();
  });
  return box;
}
