// @ts-check
// The panel: tabs of labelled fields about the chosen element. A field is written when it is left, an expression also while one types; each is one undo.
// What stays the same stays in the page: a press on a tab or on the next field must not lose its target to the writing of the field before.
import { byId, one } from "../shared/dom.js";
import { afterPress, pressed } from "../shared/press.js";
import { make } from "./dom.js";
import { Extensions } from "./extensions.js";
import { fieldsOf } from "./fields.js";
import { helpOf, inputOf, show, valueOf } from "./inputs.js";
import { kindOf, nameOf } from "./names.js";
import { Together } from "./together.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Field} Field */
/** @typedef {import("../types").Finding} Finding */

const TABS = ["general", "who", "form", "handler", "data", "words", "process"];
/** So long one must have stopped typing, in milliseconds. */
const PAUSE = 400;

/**
 * @param {any} modeler bpmn-js; its services carry no types of their own
 * @param {import("../types").EditorData} data
 * @param {HTMLElement} box
 */
export function panel(modeler, data, box) {
  const { words, choices, edit } = data;
  const parts = { x: new Extensions(modeler), modeling: modeler.get("modeling"), factory: modeler.get("bpmnFactory"), choices };
  const together = new Together(modeler.get("commandStack"));
  /** @type {DiagramElement | null} */
  let shown = null;
  let tab = "general";
  /** @type {Field[]} */
  let fields = [];
  /** @type {Finding[]} */
  let findings = [];
  let drawn = "";
  let waiting = false;

  /** @param {DiagramElement} element */
  const allFields = (element) => {
    /** @type {DiagramElement[]} */
    const tasks = modeler.get("elementRegistry").filter((/** @type {DiagramElement} */ { type }) => type === "bpmn:UserTask");
    const steps = tasks.map((task) => /** @type {import("../types").Choice} */ ([task.id, nameOf(task, words)]));
    return fieldsOf(element, { ...parts, steps });
  };
  /** @param {Field} field @param {string} property as the linter names it */
  const isAbout = ({ props = [] }, property) => props.some((name) => property === name || property.startsWith(`${name} `));
  /** @param {DiagramElement} element @param {string} property */
  const fieldOf = (element, property) => Object.values(allFields(element)).flat().find((field) => isAbout(field, property)) ?? null;
  /**
   * Opens the tab with a field of the chosen element, and goes to it.
   * @param {string} property
   */
  const open = (property) => {
    if (!shown) return;
    const all = allFields(shown);
    const there = TABS.find((name) => all[name].some((field) => isAbout(field, property)));
    if (!there) return;
    tab = there;
    draw();
    byId(`panel-${tab}-${fields.findIndex((field) => isAbout(field, property))}`).focus();
  };
  /** @param {DiagramElement} element */
  const collectFields = (element) => {
    const all = allFields(element);
    const tabs = TABS.filter((name) => all[name].length);
    if (!tabs.includes(tab)) tab = "general";
    fields = all[tab];
    return tabs;
  };
  const draw = () => {
    waiting = false;
    drawn = "";
    together.end();
    if (!shown) return box.replaceChildren(make("p", { class: "t-hint" }, words.choose));
    const active = document.activeElement?.id;
    const tabs = collectFields(shown);
    drawn = layoutOf(shown, tabs);
    box.replaceChildren(
      make("h2", { tabindex: "-1" }, nameOf(shown, words)),
      make("p", { class: "t-hint" }, kindOf(shown, words)),
      make("div", { class: "t-panel__faults", "data-faults": "" }),
      tablist(tabs),
      make("div", { role: "tabpanel", id: "panel-fields", "aria-labelledby": `tab-${tab}`, tabindex: "-1" }, ...fields.map(labelled)),
    );
    fill();
    if (active) document.getElementById(active)?.focus();
  };
  /**
   * What decides which fields there are.
   * @param {DiagramElement} element
   * @param {string[]} tabs
   */
  const layoutOf = (element, tabs) => [element.id, element.type, tab, ...tabs, ...fields.map((one) => one.word + one.shape)].join(" ");
  // Only the values changed: they are written into the fields that are there.
  /** @param {DiagramElement} element */
  const refresh = (element) => {
    if (layoutOf(element, collectFields(element)) !== drawn) {
      if (!pressed()) return draw();
      waiting = true;
      return void afterPress().then(() => waiting && draw());
    }
    one(box, "h2").textContent = nameOf(element, words);
    one(box, ".t-hint").textContent = kindOf(element, words);
    fill();
  };
  const fill = () => {
    if (!shown) return;
    const working = parts.x.property(shown, "days") === "working";
    fields.forEach((field, index) => show(field, byId(`panel-${tab}-${index}`), data, working));
    faults();
  };
  // What the linter says of this element: below the field that it is about, the rest above all fields.
  const faults = () => {
    const mine = findings.filter(({ element, severity }) => element === shown?.id && severity !== "I");
    const told = new Set();
    fields.forEach((field, index) => {
      const here = mine.filter(({ property = "" }) => isAbout(field, property));
      here.forEach((finding) => told.add(finding));
      byId(`panel-${tab}-${index}-fault`).textContent = here.map(({ text }) => text).join(" ");
      byId(`panel-${tab}-${index}`).toggleAttribute("data-faulty", here.length > 0);
    });
    const rest = mine.filter((finding) => !told.has(finding));
    one(box, "[data-faults]").replaceChildren(...rest.map(({ text, severity }) => make("p", { class: `t-finding t-finding--${severity}` }, text)));
  };

  /** @param {string} name */
  const choose = (name) => {
    tab = name;
    draw();
    byId(`tab-${name}`).focus();
  };
  /** @param {string[]} tabs */
  const tablist = (tabs) => {
    const onkeydown = (/** @type {KeyboardEvent} */ event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by) choose(tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length]);
    };
    const shape = (/** @type {string} */ name) => ({
      role: "tab",
      type: "button",
      id: `tab-${name}`,
      "aria-controls": "panel-fields",
      "aria-selected": String(name === tab),
      tabindex: name === tab ? "0" : "-1",
      onclick: () => choose(name),
    });
    return make("div", { role: "tablist", "aria-label": words.panel, onkeydown }, ...tabs.map((name) => make("button", shape(name), words[`tab_${name}`])));
  };

  /**
   * @param {Field} field
   * @param {number} index
   */
  const labelled = (field, index) => {
    const id = `panel-${tab}-${index}`;
    const hint = field.hint && words[field.hint];
    const about = [hint && `${id}-hint`, `${id}-fault`].filter(Boolean).join(" ");
    const input = inputOf(field, { id, class: "t-input", disabled: !edit, "aria-describedby": about, onchange: () => write(index, true) }, data);
    if (field.shape === "feel" || field.shape === "time") whileTyping(input, index);
    const group = field.shape === "several" || field.shape === "pairs";
    const label = make(group ? "p" : "label", { class: "label", for: group ? null : id, id: `${id}-label` }, words[field.word]);
    if (group) input.setAttribute("aria-labelledby", `${id}-label`);
    return make(
      "div",
      { class: "t-field" },
      label,
      ...(hint ? [make("p", { class: "t-hint", id: `${id}-hint` }, hint)] : []),
      make("p", { class: "t-field__fault", id: `${id}-fault`, role: "status" }),
      input,
      ...helpOf(field, input, data),
    );
  };
  /** @param {HTMLElement} input @param {number} index */
  const whileTyping = (input, index) => {
    /** @type {number} */
    let timer;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => input.isConnected && write(index, false), PAUSE);
    });
    input.addEventListener("change", () => clearTimeout(timer));
  };
  /**
   * @param {number} index
   * @param {boolean} left whether the field was left, and is shown as it was written
   */
  const write = (index, left) => {
    const [field, input, element] = [fields[index], byId(`panel-${tab}-${index}`), shown];
    const { value, working } = valueOf(field, input);
    if (!left && field.shape === "time" && working !== undefined) return;
    if (JSON.stringify(value) !== JSON.stringify(field.read()))
      together.run(`${element?.id} ${tab} ${index}`, () => {
        field.write(value);
        const days = element && fields.some(({ word }) => word === "days") && working !== undefined;
        if (days) parts.x.setProperty(element, "days", working ? "working" : "");
      });
    if (!left) return;
    together.end();
    if (field.shape === "time" && input.isConnected) /** @type {HTMLInputElement} */ (input).value = field.read();
  };

  /** @param {{newSelection: DiagramElement[]}} event */
  const chosen = ({ newSelection }) => {
    const root = modeler.get("canvas").getRootElement();
    const none = root.type === "bpmn:Process" && !newSelection.length ? root : null;
    shown = newSelection.length === 1 ? (newSelection[0].labelTarget ?? newSelection[0]) : none;
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
  return {
    fieldOf,
    open,
    /** What the linter found, as it comes. @param {Finding[]} found */
    tell: (found) => {
      findings = found;
      if (shown) faults();
    },
  };
}
