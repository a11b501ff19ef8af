// @ts-check
// Two steps that follow each other change places. Flows keep their names and conditions: they are about the way, not about the step.
import { waysIn, waysOut } from "./flow_order.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */

/** @param {DiagramElement} step */
const simple = (step) => /(Task|CallActivity)$/.test(step.type) && waysIn(step).length === 1 && waysOut(step).length === 1;

/** @param {DiagramElement} step */
const lane = (step) => step.businessObject.lanes?.[0] ?? null;

/**
 * The step with which one can change places; none where the way divides or meets, or at the border of a lane.
 * @param {DiagramElement} step
 * @param {"before" | "after"} to
 * @returns {DiagramElement | undefined}
 */
export function neighbour(step, to) {
  if (!simple(step)) return undefined;
  const other = to === "after" ? waysOut(step)[0].target : waysIn(step)[0].source;
  const level = Math.abs(other.y + other.height / 2 - step.y - step.height / 2) < 5;
  return simple(other) && level && other.parent === step.parent && lane(other) === lane(step) ? other : undefined;
}

/**
 * @param {any} modeling a service of bpmn-js
 * @param {DiagramElement} first
 * @param {DiagramElement} second which follows it
 */
export function swap(modeling, first, second) {
  const [enter, between, leave] = [waysIn(first)[0], waysOut(first)[0], waysOut(second)[0]];
  const ways = [enter, between, leave].map((flow) => /** @type {{x: number, y: number}[]} */ (flow.waypoints).map(({ x, y }) => ({ x, y })));
  const labels = [enter, between, leave].map(({ label }) => label && { label, x: label.x, y: label.y });
  const by = second.x + second.width / 2 - first.x - first.width / 2;
  modeling.moveElements([first], { x: by, y: 0 }, first.parent, { autoResize: false, layout: false });
  modeling.moveElements([second], { x: -by, y: 0 }, second.parent, { autoResize: false, layout: false });
  modeling.reconnectEnd(enter, second, ways[0].at(-1));
  modeling.reconnectStart(leave, first, ways[2][0]);
  modeling.reconnect(between, second, first, ways[1]);
  [enter, between, leave].forEach((flow, index) => modeling.updateWaypoints(flow, ways[index], { labelBehavior: false }));
  for (const one of labels) if (one) modeling.moveShape(one.label, { x: one.x - one.label.x, y: one.y - one.label.y });
}
