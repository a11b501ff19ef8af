// @ts-check
// What an element is called: its name, or its kind when it has none; never its id.
import { fill } from "../shared/text.js";

/** @typedef {Pick<import("../types").DiagramElement, "type" | "businessObject">} Named */

/** @type {[RegExp, string][]} */
const KINDS = [
  [/UserTask/, "user_task"],
  [/BusinessRuleTask/, "business_rule"],
  [/CallActivity/, "call"],
  [/SubProcess/, "sub_process"],
  [/EventBasedGateway/, "event_gateway"],
  [/ExclusiveGateway/, "exclusive"],
  [/ParallelGateway/, "parallel"],
  [/InclusiveGateway/, "inclusive"],
  [/BoundaryEvent/, "boundary"],
  [/StartEvent/, "start"],
  [/EndEvent/, "end"],
  [/Event$/, "intermediate"],
  [/(Service|Send)Task/, "service"],
  [/SequenceFlow/, "flow"],
  [/Lane$/, "lane"],
  [/Participant|Collaboration/, "pool"],
  [/Process/, "process"],
];

/**
 * @param {Named} element
 * @param {import("../types").Words} words
 */
export const kindOf = (element, words) =>
  words[`kind_${KINDS.find(([type]) => type.test(element.type))?.[1] ?? "other"}`];

/**
 * @param {Named} element
 * @param {import("../types").Words} words
 */
export function nameOf(element, words) {
  const kind = kindOf(element, words);
  return element.businessObject.name || fill(words.unnamed, { kind: kind[0].toUpperCase() + kind.slice(1) });
}
