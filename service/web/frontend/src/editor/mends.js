// @ts-check
// What the linter can offer to mend by itself: each is one change, and one undo.

import { lengthOf } from "./lengths.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {(name: string) => any} Services a service of bpmn-js by its name; they carry no types of their own */

/** @type {Record<string, (get: Services, element: DiagramElement) => void>} */
const MENDS = {
  user_task: (get, element) => get("bpmnReplace").replaceElement(element, { type: "bpmn:UserTask" }),
  interrupt: (get, element) => get("modeling").updateProperties(element, { cancelActivity: true }),
  go_on: (get, element) => get("modeling").updateProperties(element, { cancelActivity: false }),
  // it would be ignored: nothing that runs is taken away
  drop_condition: (get, element) => get("modeling").updateProperties(element, { conditionExpression: undefined }),
  rename: (get, element) => get("modeling").updateProperties(element, { id: `${element.id}_1` }),
  // a way that has no condition yet, else the one that was drawn last
  choose_default: (get, element) => {
    const ways = element.outgoing.filter(({ type }) => type === "bpmn:SequenceFlow");
    const flow = ways.find(({ businessObject }) => !businessObject.conditionExpression) ?? ways.at(-1);
    if (flow) get("modeling").updateProperties(element, { default: flow.businessObject });
  },
};

/**
 * What could stand in a field instead: the length of time that its words say, or the known name that is most like an unknown one.
 * @param {import("../types").Finding} finding
 * @param {import("../types").Field} field that it is about
 * @returns {string} empty for nothing
 */
export function instead({ name = "", near = "" }, field) {
  const value = field.read();
  if (typeof value !== "string") return "";
  if (field.shape === "time") return lengthOf(value)?.iso ?? "";
  if (!near) return "";
  if (!name || value === name) return near;
  const whole = new RegExp(`(?<![\\p{L}\\p{N}_.])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}_])`, "gu");
  return whole.test(value) ? value.replace(whole, near) : "";
}

/** @param {string} fix as the linter names it */
export const mends = (fix) => fix in MENDS;

/**
 * @param {{get: Services}} modeler
 * @param {string} fix
 * @param {DiagramElement} element
 */
export const mend = (modeler, fix, element) => MENDS[fix]((name) => modeler.get(name), element);
