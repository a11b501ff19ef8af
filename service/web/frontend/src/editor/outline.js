// @ts-check
// The steps as a list: the way to read and change the diagram with the keyboard or a screen reader.
import { all, one } from "../shared/dom.js";
import { lookAt } from "../shared/frames.js";
import { fill } from "../shared/text.js";
import { make } from "./dom.js";
import { flowOrder } from "./flow_order.js";
import { kindOf, nameOf } from "./names.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */

/** @type {import("../types").Choice[]} */
const NEW = [
  ["bpmn:UserTask", "kind_user_task"],
  ["bpmn:ServiceTask", "kind_service"],
  ["bpmn:BusinessRuleTask", "kind_business_rule"],
  ["bpmn:ExclusiveGateway", "kind_exclusive"],
  ["bpmn:ParallelGateway", "kind_parallel"],
  ["bpmn:EndEvent", "kind_end"],
];
/** Width that a new step takes. */
const ROOM = 160;

/**
 * @param {any} modeler bpmn-js; its services carry no types of their own
 * @param {import("../types").EditorData} data
 * @param {HTMLElement} list
 */
export function outline(modeler, { words, edit }, list) {
  const status = one(document, "[data-status]");
  const modeling = modeler.get("modeling");
  const selection = modeler.get("selection");
  const registry = modeler.get("elementRegistry");
  /** @type {string | null} */
  let open = null;

  /** @param {DiagramElement} element */
  const isStep = (element) => element.businessObject.$instanceOf?.("bpmn:FlowNode") && !element.labelTarget;
  /** @returns {DiagramElement[]} */
  const steps = () => registry.filter(isStep);
  const draw = () => {
    const focused = document.activeElement?.closest("#steps [data-element]")?.getAttribute("data-element");
    list.replaceChildren(...flowOrder(steps()).map(([element, depth]) => item(element, depth)));
    if (focused) focus(focused);
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
  const tools = (element) => {
    const kind = choice(
      words.add_after,
      NEW.map(([type, key]) => /** @type {const} */ ([type, words[key]])),
    );
    const others = steps()
      .filter((one) => one !== element && one.parent === element.parent && one.type !== "bpmn:StartEvent")
      .map((one) => /** @type {const} */ ([one.id, nameOf(one, words)]));
    const target = choice(words.tool_connect, others);
    const button = (/** @type {string} */ text, /** @type {() => void} */ onclick) => make("button", { type: "button", class: "button button--secondary button--medium", onclick }, text);
    return make(
      "div",
      { class: "t-inline" },
      kind,
      button(words.add_after, () => add(element, kind.value)),
      target,
      button(words.tool_connect, () => modeling.connect(element, registry.get(target.value))),
      button(words.remove, () => remove(element)),
    );
  };
  /**
   * @param {string} label
   * @param {readonly (readonly [string, string])[]} options
   */
  const choice = (label, options) =>
    make("select", { class: "t-input t-select", "aria-label": label }, ...options.map(([value, text]) => make("option", { value }, text)));

  /**
   * @param {DiagramElement} element
   * @param {string} type
   */
  const add = (element, type) => {
    const shape = modeler.get("elementFactory").createShape({ type });
    const [flow] = element.outgoing.filter((one) => one.type === "bpmn:SequenceFlow");
    const made = flow && element.outgoing.length === 1 ? insert(shape, element, flow) : modeler.get("autoPlace").append(element, shape);
    const name = nameOf(made, words);
    open = made.id;
    selection.select(made);
    draw();
    status.textContent = fill(words.added, { name });
    focus(made.id);
  };
  /**
   * The flow is split, and what is to the right of it moves on.
   * @param {DiagramElement} shape
   * @param {DiagramElement} element
   * @param {DiagramElement} flow
   */
  const insert = (shape, element, flow) => {
    const space = modeler.get("spaceTool");
    const from = element.x + element.width + 10;
    const shapes = registry.filter((/** @type {DiagramElement} */ one) => one.parent && !one.waypoints && one !== modeler.get("canvas").getRootElement());
    const { movingShapes, resizingShapes } = space.calculateAdjustments(shapes, "x", ROOM, from);
    space.makeSpace(movingShapes, resizingShapes, { x: ROOM, y: 0 }, "e", from);
    return modeling.createShape(shape, { x: element.x + element.width + ROOM / 2 + 25, y: element.y + element.height / 2 }, flow);
  };
  /** @param {DiagramElement} element */
  const remove = (element) => {
    const name = nameOf(element, words);
    modeling.removeElements([element]);
    status.textContent = fill(words.removed, { name });
    list.querySelector("button")?.focus();
  };

  /** @type {number} */
  let timer;
  modeler.on("commandStack.changed", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 300);
  });
  draw();
}
