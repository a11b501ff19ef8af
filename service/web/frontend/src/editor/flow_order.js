// @ts-check
// The order in which a list shows the steps of a diagram.

/** @typedef {import("../types").DiagramElement} DiagramElement */

/**
 * Steps in the order of the flow, what is inside a sub-process below it.
 * @param {DiagramElement[]} steps
 * @returns {[element: DiagramElement, depth: number][]}
 */
export function flowOrder(steps) {
  const seen = new Set();
  /** @type {[DiagramElement, number][]} */
  const found = [];
  /** @type {(element: DiagramElement, depth: number) => void} */
  const visit = (element, depth) => {
    if (seen.has(element)) return;
    seen.add(element);
    found.push([element, depth]);
    visitScope(steps.filter((step) => step.parent === element), depth + 1);
    element.attachers?.filter((event) => event.businessObject).forEach((event) => visit(event, depth));
    element.outgoing.filter(({ type }) => type === "bpmn:SequenceFlow").forEach(({ target }) => visit(target, depth));
  };
  /** @type {(scope: DiagramElement[], depth: number) => void} */
  const visitScope = (scope, depth) => [...scope.filter(begins), ...scope].forEach((step) => visit(step, depth));
  visitScope(steps.filter(({ parent }) => !parent || !steps.includes(parent)), 0);
  return found;
}

/** @param {DiagramElement} step */
const begins = ({ type, incoming }) => type === "bpmn:StartEvent" || (!incoming.length && type !== "bpmn:BoundaryEvent");
