// @ts-check
// The panel: five tabs of labelled fields about the chosen element. A field is written when it is left, as one command.
// What stays the same stays in the page: a press on a tab or on the next field must not lose its target to the writing of the field before.
import { byId, one } from "../shared/dom.js";
import { make } from "./dom.js";
import { Extensions } from "./extensions.js";
import { fieldsOf } from "./fields.js";
import { asLines, fromLines } from "./input_mappings.js";
import { kindOf, nameOf } from "./names.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Field} Field */

const TABS = ["general", "who", "form", "handler", "words"];

/**
 * @param {any} modeler bpmn-js; its services carry no types of their own
 * @param {import("../types").EditorData} data
 * @param {HTMLElement} box
 */
export function panel(modeler, { words, choices, edit }, box) {
  const parts = { x: new Extensions(modeler), modeling: modeler.get("modeling"), factory: modeler.get("bpmnFactory"), choices };
  /** @type {DiagramElement | null} */
  let shown = null;
  let tab = "general";
  /** @type {Field[]} */
  let fields = [];
  let drawn = "";
  let pressed = false;
  let waiting = false;

  /** @param {DiagramElement} element */
  const collectFields = (element) => {
    /** @type {DiagramElement[]} */
    const tasks = modeler.get("elementRegistry").filter((/** @type {DiagramElement} */ { type }) => type === "bpmn:UserTask");
    const steps = tasks.map((task) => /** @type {import("../types").Choice} */ ([task.id, nameOf(task, words)]));
    const all = fieldsOf(element, { ...parts, steps });
    const tabs = TABS.filter((name) => all[name].length);
    if (!tabs.includes(tab)) tab = "general";
    fields = all[tab];
    return tabs;
  };
  const draw = () => {
    waiting = false;
    drawn = "";
    if (!shown) return box.replaceChildren(make("p", { class: "t-hint" }, words.choose));
    const active = document.activeElement?.id;
    const tabs = collectFields(shown);
    drawn = layoutOf(shown, tabs);
    box.replaceChildren(
      make("h2", { tabindex: "-1" }, nameOf(shown, words)),
      make("p", { class: "t-hint" }, kindOf(shown, words)),
      tablist(tabs),
      make("div", { role: "tabpanel", id: "panel-fields", "aria-labelledby": `tab-${tab}`, tabindex: "-1" }, ...fields.map(labelled)),
    );
    if (active) document.getElementById(active)?.focus();
  };
  /**
   * What decides which fields there are.
   * @param {DiagramElement} element
   * @param {string[]} tabs
   */
  const layoutOf = (element, tabs) => [element.id, element.type, tab, ...tabs, ...fields.map((one) => one.word)].join(" ");
  // Only the values changed: they are written into the fields that are there.
  /** @param {DiagramElement} element */
  const refresh = (element) => {
    if (layoutOf(element, collectFields(element)) !== drawn) return pressed ? (waiting = true) : draw();
    one(box, "h2").textContent = nameOf(element, words);
    one(box, ".t-hint").textContent = kindOf(element, words);
    fields.forEach((field, index) => {
      const input = byId(`panel-${tab}-${index}`);
      if (input !== document.activeElement) put(field, input);
    });
  };
  /**
   * @param {Field} field
   * @param {HTMLElement} element
   */
  const put = (field, element) => {
    const given = field.read();
    const input = /** @type {HTMLInputElement} */ (element);
    if (field.shape === "check") input.checked = given;
    else if (field.shape === "inputs") input.value = asLines(given);
    else if (field.shape === "several") {
      const chosen = given.split(/[\s,]+/);
      for (const option of /** @type {HTMLSelectElement} */ (element).options) option.selected = chosen.includes(option.value);
    } else input.value = given;
  };

  /** @param {string} name */
  const choose = (name) => {
    tab = name;
    draw();
    byId(`tab-${name}`).focus();
  };
  /** @param {string[]} tabs */
  const tablist = (tabs) =>
    make(
      "div",
      {
        role: "tablist",
        "aria-label": words.panel,
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
          const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (by) choose(tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length]);
        },
      },
      ...tabs.map((name) =>
        make(
          "button",
          {
            role: "tab",
            type: "button",
            id: `tab-${name}`,
            "aria-controls": "panel-fields",
            "aria-selected": String(name === tab),
            tabindex: name === tab ? "0" : "-1",
            onclick: () => choose(name),
          },
          words[`tab_${name}`],
        ),
      ),
    );

  /**
   * @param {Field} one
   * @param {number} index
   */
  const labelled = (one, index) => {
    const id = `panel-${tab}-${index}`;
    const hint = one.hint && words[one.hint];
    const about = hint ? `${id}-hint` : null;
    const save = (/** @type {Event} */ event) => write(fields[index], /** @type {HTMLElement} */ (event.target));
    const given = one.read();
    const shape = { id, class: "t-input", disabled: !edit, "aria-describedby": about, onchange: save };
    const input = {
      text: () => make("input", { ...shape, type: "text", value: given }),
      long: () => area(shape, given),
      feel: () => area({ ...shape, spellcheck: "false" }, given),
      inputs: () => area({ ...shape, spellcheck: "false" }, asLines(given)),
      check: () => make("input", { id, type: "checkbox", checked: given, disabled: !edit, onchange: save }),
      suggest: () => make("input", { ...shape, type: "text", value: given, list: `${id}-list` }),
      select: () => select(shape, one, given),
      several: () => several(shape, one, given.split(/[\s,]+/)),
    }[one.shape]();
    const label = make("label", { class: "label", for: id }, words[one.word]);
    return make(
      "div",
      { class: "t-field" },
      label,
      ...(hint ? [make("p", { class: "t-hint", id: about }, hint)] : []),
      input,
      ...(one.shape === "suggest" ? [make("datalist", { id: `${id}-list` }, ...(one.options ?? []).map(([value]) => make("option", { value })))] : []),
    );
  };
  /** @typedef {Record<string, unknown>} Attributes */
  /**
   * @param {Attributes} shape
   * @param {string} text
   */
  const area = (shape, text) => Object.assign(make("textarea", { ...shape, rows: "2" }), { value: text });
  /**
   * @param {Attributes} shape
   * @param {Field} one
   * @param {string} given
   */
  const select = (shape, one, given) => {
    /** @type {import("../types").Choice[]} */
    const options = [...(one.options ?? [])];
    if (!one.required) options.unshift(["", words.none]);
    if (given && !options.some(([value]) => value === given)) options.push([given, given]);
    const made = make(
      "select",
      { ...shape, class: "t-input t-select" },
      ...options.map(([value, text]) => make("option", { value }, one.translated ? words[text] : text)),
    );
    made.value = given;
    return made;
  };
  /**
   * @param {Attributes} shape
   * @param {Field} one
   * @param {string[]} chosen
   */
  const several = (shape, one, chosen) =>
    make(
      "select",
      { ...shape, multiple: true, size: "5" },
      ...(one.options ?? []).map(([value, text]) => make("option", { value, selected: chosen.includes(value) }, text)),
    );
  /**
   * @param {Field} field
   * @param {HTMLElement} element
   */
  const write = (field, element) => {
    const input = /** @type {HTMLInputElement} */ (element);
    if (field.shape === "several") {
      const { selectedOptions } = /** @type {HTMLSelectElement} */ (element);
      return field.write([...selectedOptions].map(({ value }) => value).join(", "));
    }
    if (field.shape === "check") return field.write(input.checked);
    return field.write(field.shape === "inputs" ? fromLines(input.value) : input.value.trim());
  };

  /** @param {{newSelection: DiagramElement[]}} event */
  const chosen = ({ newSelection }) => {
    shown = newSelection.length === 1 ? (newSelection[0].labelTarget ?? newSelection[0]) : null;
    draw();
  };
  /** @param {{elements: DiagramElement[]}} event */
  const changed = ({ elements }) => {
    if (shown && elements.includes(shown)) refresh(shown);
  };
  /** @param {{element: DiagramElement}} event */
  const removed = ({ element }) => {
    if (element !== shown) return;
    shown = null;
    draw();
  };
  modeler.on("selection.changed", chosen);
  modeler.on("elements.changed", changed);
  modeler.on("shape.remove", removed);
  addEventListener("pointerdown", () => (pressed = true), true);
  const released = () => {
    pressed = false;
    if (waiting) draw();
  };
  addEventListener("pointerup", () => setTimeout(released), true);
}
