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
  // The inside of a collapsed sub-process is drawn on a plane of its own.
  const planes = new Map(steps.map((step) => [`${step.id}_plane`, step]));
  const inside = (/** @type {DiagramElement} */ step) => (step.parent && planes.get(step.parent.id)) ?? step.parent;
  /** @type {[DiagramElement, number][]} */
  const found = [];
  /** @type {(element: DiagramElement, depth: number) => void} */
  const visit = (element, depth) => {
    if (seen.has(element)) return;
    seen.add(element);
    found.push([element, depth]);
    visitScope(steps.filter((step) => inside(step) === element), depth + 1);
    element.attachers?.filter((event) => event.businessObject).forEach((event) => visit(event, depth));
    waysOut(element).forEach(({ target }) => visit(target, depth));
  };
  /** @type {(scope: DiagramElement[], depth: number) => void} */
  const visitScope = (scope, depth) => [...scope.filter(begins), ...scope].forEach((step) => visit(step, depth));
  visitScope(steps.filter((step) => !steps.includes(/** @type {DiagramElement} */ (inside(step)))), 0);
  return found;
}

/** @param {DiagramElement} step */
const begins = ({ type, incoming }) => type === "bpmn:StartEvent" || (!incoming.length && type !== "bpmn:BoundaryEvent");

/** The flows out of a step; a message flow is none. @param {DiagramElement} step */
export const waysOut = (step) => step.outgoing.filter(({ type }) => type === "bpmn:SequenceFlow");

/** @param {DiagramElement} step */
export const waysIn = (step) => step.incoming.filter(({ type }) => type === "bpmn:SequenceFlow");
