// @ts-check
// What the linter can offer to mend by itself: each is one change, and one undo.

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {(name: string) => any} Services a service of bpmn-js by its name; they carry no types of their own */

/** @type {Record<string, (get: Services, element: DiagramElement) => void>} */
const MENDS = {
  user_task: (get, element) => get("bpmnReplace").replaceElement(element, { type: "bpmn:UserTask" }),
  interrupt: (get, element) => get("modeling").updateProperties(element, { cancelActivity: true }),
  rename: (get, element) => get("modeling").updateProperties(element, { id: `${element.id}_1` }),
  // a way that has no condition yet, else the one that was drawn last
  choose_default: (get, element) => {
    const ways = element.outgoing.filter(({ type }) => type === "bpmn:SequenceFlow");
    const flow = ways.find(({ businessObject }) => !businessObject.conditionExpression) ?? ways.at(-1);
    if (flow) get("modeling").updateProperties(element, { default: flow.businessObject });
  },
};

/** @param {string} fix as the linter names it */
export const mends = (fix) => fix in MENDS;

/**
 * @param {{get: Services}} modeler
 * @param {string} fix
 * @param {DiagramElement} element
 */
export const mend = (modeler, fix, element) => MENDS[fix]((name) => modeler.get(name), element);
