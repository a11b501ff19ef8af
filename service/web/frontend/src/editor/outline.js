// The steps as a list: the way to read and change the diagram with the keyboard or a screen reader.
import { fill, make } from "./dom.js";
import { kindOf, nameOf } from "./names.js";

const NEW = [
  ["bpmn:UserTask", "kind_user_task"],
  ["bpmn:ServiceTask", "kind_service"],
  ["bpmn:BusinessRuleTask", "kind_business_rule"],
  ["bpmn:ExclusiveGateway", "kind_exclusive"],
  ["bpmn:ParallelGateway", "kind_parallel"],
  ["bpmn:EndEvent", "kind_end"],
];
const ROOM = 160;

export function outline(modeler, { words, edit }, box) {
  const told = document.querySelector("[data-told]");
  const modeling = modeler.get("modeling");
  const selection = modeler.get("selection");
  const registry = modeler.get("elementRegistry");
  let open = null;

  const steps = () => registry.filter((one) => one.businessObject.$instanceOf?.("bpmn:FlowNode") && !one.labelTarget);
  const draw = () => {
    const focused = document.activeElement.closest("#steps [data-element]")?.dataset.element;
    box.replaceChildren(...ordered(steps()).map(([element, depth]) => item(element, depth)));
    if (focused) focus(focused);
  };
  const focus = (id) => box.querySelector(`[data-element="${CSS.escape(id)}"] button`)?.focus();
  const item = (element, depth) => {
    const ways = element.outgoing
      .filter((flow) => flow.type === "bpmn:SequenceFlow")
      .map(({ businessObject, target }) => (businessObject.name ? `${businessObject.name} → ` : "") + nameOf(target, words));
    const select = () => {
      open = element.id;
      const canvas = modeler.get("canvas");
      if (canvas.zoom() < 0.6) canvas.zoom(0.8);
      canvas.scrollToElement(element, 120);
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
  const tools = (element) => {
    const kind = choice(
      words.add_after,
      NEW.map(([type, key]) => [type, words[key]]),
    );
    const others = steps()
      .filter((one) => one !== element && one.parent === element.parent && one.type !== "bpmn:StartEvent")
      .map((one) => [one.id, nameOf(one, words)]);
    const target = choice(words.tool_connect, others);
    const button = (text, onclick) => make("button", { type: "button", class: "button button--secondary button--medium", onclick }, text);
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
  const choice = (label, options) =>
    make("select", { class: "t-input t-select", "aria-label": label }, ...options.map(([value, text]) => make("option", { value }, text)));

  const add = (element, type) => {
    const shape = modeler.get("elementFactory").createShape({ type });
    const [flow] = element.outgoing.filter((one) => one.type === "bpmn:SequenceFlow");
    const made = flow && element.outgoing.length === 1 ? insert(shape, element, flow) : modeler.get("autoPlace").append(element, shape);
    const name = nameOf(made, words);
    open = made.id;
    selection.select(made);
    draw();
    told.textContent = fill(words.added, { name });
    focus(made.id);
  };
  // The flow is split, and what stands to the right moves on.
  const insert = (shape, element, flow) => {
    const space = modeler.get("spaceTool");
    const from = element.x + element.width + 10;
    const shapes = registry.filter((one) => one.parent && !one.waypoints && one !== modeler.get("canvas").getRootElement());
    const { movingShapes, resizingShapes } = space.calculateAdjustments(shapes, "x", ROOM, from);
    space.makeSpace(movingShapes, resizingShapes, { x: ROOM, y: 0 }, "e", from);
    return modeling.createShape(shape, { x: element.x + element.width + ROOM / 2 + 25, y: element.y + element.height / 2 }, flow);
  };
  const remove = (element) => {
    const name = nameOf(element, words);
    modeling.removeElements([element]);
    told.textContent = fill(words.removed, { name });
    box.querySelector("button")?.focus();
  };

  let timer;
  modeler.on("commandStack.changed", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 300);
  });
  draw();
}

// Steps in the order of the flow, what is inside a sub-process below it.
function ordered(all) {
  const seen = new Set();
  const found = [];
  const inside = (parent) => all.filter((one) => one.parent === parent);
  const visit = (element, depth) => {
    if (seen.has(element)) return;
    seen.add(element);
    found.push([element, depth]);
    walk(inside(element), depth + 1);
    element.attachers?.filter((one) => one.businessObject).forEach((one) => visit(one, depth));
    element.outgoing.filter((flow) => flow.type === "bpmn:SequenceFlow").forEach(({ target }) => visit(target, depth));
  };
  const walk = (scope, depth) => {
    const begins = scope.filter((one) => one.type === "bpmn:StartEvent" || (!one.incoming.length && one.type !== "bpmn:BoundaryEvent"));
    [...begins, ...scope].forEach((one) => visit(one, depth));
  };
  const outer = all.filter((one) => !all.includes(one.parent));
  walk(outer, 0);
  return found;
}
