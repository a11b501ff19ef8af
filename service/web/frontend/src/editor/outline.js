// @ts-check
// The steps as a list: the way to read and change the diagram with the keyboard or a screen reader.
import { all, one } from "../shared/dom.js";
import { lookAt } from "../shared/frames.js";
import { afterPress } from "../shared/press.js";
import { fill } from "../shared/text.js";
import { make } from "./dom.js";
import { flowOrder } from "./flow_order.js";
import { kindOf, nameOf } from "./names.js";
import { stepTools } from "./step_tools.js";
import { neighbour } from "./swap.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */

/**
 * What is chosen in the lists of options, by their labels.
 * @param {ParentNode} scope
 */
const choicesOf = (scope) => new Map(selects(scope).map((select) => [select.getAttribute("aria-label"), select.value]));

/**
 * Choose again what is still offered; a list that depends on another one comes after it.
 * @param {ParentNode} scope
 * @param {Map<string | null, string>} chosen
 */
function choose(scope, chosen) {
  for (const select of selects(scope)) {
    const value = chosen.get(select.getAttribute("aria-label"));
    if (value === undefined || ![...select.options].some((option) => option.value === value)) continue;
    select.value = value;
    select.dispatchEvent(new Event("change"));
  }
}

/** @param {ParentNode} scope */
const selects = (scope) => /** @type {HTMLSelectElement[]} */ (all(scope, "select"));

/**
 * The control of a step that is called as another one is; null when there is none any more.
 * @param {ParentNode} list
 * @param {string} step
 * @param {HTMLElement} control
 */
function sameControl(list, step, control) {
  const called = (/** @type {HTMLElement} */ each) => `${each.tagName} ${each.getAttribute("aria-label") ?? each.textContent}`;
  return all(list, `[data-element="${CSS.escape(step)}"] :is(select, button)`).find((other) => called(other) === called(control)) ?? null;
}

/**
 * @param {any} modeler bpmn-js; its services carry no types of their own
 * @param {import("../types").EditorData} data
 * @param {HTMLElement} list
 */
export function outline(modeler, { words, edit }, list) {
  const said = one(document, "[data-said]");
  const modeling = modeler.get("modeling");
  const selection = modeler.get("selection");
  const registry = modeler.get("elementRegistry");
  /** @type {string | null} */
  let open = null;

  /** @param {DiagramElement} element */
  const isStep = (element) => element.businessObject.$instanceOf?.("bpmn:FlowNode") && element.parent && !element.labelTarget;
  /** @returns {DiagramElement[]} */
  const steps = () => registry.filter(isStep);
  /** @type {string | null} */
  let drawn = null;
  // The list is drawn anew a moment after each change: what somebody has just chosen beside a step stays, and so does the keyboard.
  const draw = () => {
    const held = /** @type {HTMLElement | null} */ (document.activeElement?.closest("#steps select, #steps button") ?? null);
    const holder = held?.closest("[data-element]")?.getAttribute("data-element");
    const chosen = drawn === open ? choicesOf(list) : new Map();
    list.replaceChildren(...flowOrder(steps()).map(([element, depth]) => item(element, depth)));
    choose(list, chosen);
    drawn = open;
    if (!held || !holder) return;
    const same = sameControl(list, holder, held);
    if (same) same.focus();
    else focus(holder);
  };
  /** @param {string} id */
  const focus = (id) => all(list, `[data-element="${CSS.escape(id)}"] button`)[0]?.focus();
  /**
   * @param {DiagramElement} element
   * @param {number} depth
   */
  const item = (element, depth) => {
    const ways = element.outgoing
      .filter((flow) => flow.type === "bpmn:SequenceFlow")
      .map(({ businessObject, target }) => (businessObject.name ? `${businessObject.name} → ` : "") + nameOf(target, words));
    const select = () => {
      open = element.id;
      lookAt((name) => modeler.get(name), element);
      selection.select(element);
      draw();
      focus(element.id);
      one(list, `[data-element="${CSS.escape(element.id)}"]`).scrollIntoView({ block: "nearest" });
    };
    return make(
      "li",
      { class: `t-step t-depth-${Math.min(depth, 3)}`, "data-element": element.id },
      make(
        "div",
        {},
        make(
          "button",
          { type: "button", class: "t-plain", onclick: select, "aria-expanded": edit ? String(open === element.id) : null },
          nameOf(element, words),
        ),
        make("span", { class: "t-step__what" }, kindOf(element, words)),
        ...(ways.length ? [make("span", { class: "t-step__then" }, `→ ${ways.join("; ")}`)] : []),
        ...(edit && open === element.id ? [tools(element)] : []),
      ),
    );
  };
  /** @param {DiagramElement} element */
  const others = (element) => steps().filter((other) => other !== element && other.parent === element.parent && !/StartEvent$|BoundaryEvent$/.test(other.type));
  /** @param {DiagramElement} element @param {string} text */
  const told = (element, text) => {
    open = element.id;
    selection.select(element);
    lookAt((name) => modeler.get(name), element);
    draw();
    said.textContent = text;
    focus(element.id);
  };
  /** @type {import("./step_tools.js").StepActs} */
  const done = {
    add: (element, type, flow) => {
      const shape = modeler.get("elementFactory").createShape({ type });
      const made = modeler.get("tresteg-step-adder").add({ shape, after: element, flow: flow ?? undefined });
      told(made, fill(words.added_after, { name: nameOf(made, words), after: nameOf(element, words) }));
    },
    connect: (element, id) => {
      const target = registry.get(id);
      modeling.connect(element, target, { type: "bpmn:SequenceFlow" });
      told(element, fill(words.connected, { from: nameOf(element, words), to: nameOf(target, words) }));
    },
    disconnect: (element, flow) => {
      const { target } = flow;
      modeling.removeElements([flow]);
      told(element, fill(words.disconnected, { from: nameOf(element, words), to: nameOf(target, words) }));
    },
    move: (element, to) => {
      const other = /** @type {DiagramElement} */ (neighbour(element, to));
      modeler.get("tresteg-step-adder").swap(...(to === "after" ? [element, other] : [other, element]));
      told(element, fill(words[`moved_${to}`], { name: nameOf(element, words), other: nameOf(other, words) }));
    },
    write: () => one(document, "#panel h2").focus(),
    remove: (element) => {
      const name = nameOf(element, words);
      const next = list.querySelector(`[data-element="${CSS.escape(element.id)}"]`)?.nextElementSibling?.getAttribute("data-element");
      modeling.removeElements([element]);
      draw();
      said.textContent = fill(words.removed, { name });
      if (next) focus(next);
      else list.querySelector("button")?.focus();
    },
  };
  const tools = stepTools({ words, others, done });

  /** @type {number} */
  let timer;
  modeler.on("commandStack.changed", () => {
    clearTimeout(timer);
    timer = setTimeout(() => afterPress().then(draw), 300);
  });
  draw();
}
