// @ts-check
// What can be done with the step that is chosen in the list: add one after it, draw a way from it or remove one, move it, write about it, remove it.
import { fill } from "../shared/text.js";
import { make } from "./dom.js";
import { waysOut } from "./flow_order.js";
import { nameOf } from "./names.js";
import { neighbour } from "./swap.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Words} Words */

/** @type {import("../types").Choice[]} */
const NEW = [
  ["bpmn:UserTask", "kind_user_task"],
  ["bpmn:ServiceTask", "kind_service"],
  ["bpmn:BusinessRuleTask", "kind_business_rule"],
  ["bpmn:ExclusiveGateway", "kind_exclusive"],
  ["bpmn:ParallelGateway", "kind_parallel"],
  ["bpmn:EndEvent", "kind_end"],
];
const BRANCHING = /Gateway$/;

/**
 * Where something can be added after a step: into each way out of it, or at the end of a new way. An end goes into no way: it would cut it.
 * @param {DiagramElement} step
 * @param {string} type of what is added
 * @returns {(DiagramElement | null)[]} null is a new way
 */
export function placesAfter(step, type) {
  const ways = waysOut(step);
  if (/EndEvent$/.test(step.type)) return [];
  if (type === "bpmn:EndEvent") return !ways.length || BRANCHING.test(step.type) ? [null] : [];
  return [...ways, ...(!ways.length || BRANCHING.test(step.type) ? [null] : [])];
}

/**
 * @param {{words: Words, others: (step: DiagramElement) => DiagramElement[], done: StepActs}} parts
 * @typedef {object} StepActs
 * @property {(step: DiagramElement, type: string, flow: DiagramElement | null) => void} add
 * @property {(step: DiagramElement, target: string) => void} connect
 * @property {(step: DiagramElement, flow: DiagramElement) => void} disconnect
 * @property {(step: DiagramElement, to: "before" | "after") => void} move
 * @property {(step: DiagramElement) => void} write
 * @property {(step: DiagramElement) => void} remove
 */
export function stepTools({ words, others, done }) {
  /** @param {string} label @param {readonly (readonly [string, string])[]} options */
  const choice = (label, options) => {
    const list = make("select", { class: "t-input t-select", "aria-label": label });
    const fillIn = (/** @type {readonly (readonly [string, string])[]} */ given) => list.replaceChildren(...given.map(([value, text]) => make("option", { value }, text)));
    fillIn(options);
    return Object.assign(list, { fillIn });
  };
  /** @param {string} text @param {() => void} onclick */
  const button = (text, onclick) => make("button", { type: "button", class: "button button--secondary button--medium", onclick }, text);
  /** @param {DiagramElement | null} flow */
  const wayWords = (flow) => {
    if (!flow) return words.new_way;
    const name = flow.businessObject.name;
    return fill(words[name ? "way_named" : "way_to"], { name, to: nameOf(flow.target, words) });
  };
  /** @param {DiagramElement} flow */
  const goingWords = ({ businessObject: { name }, target }) => `${name ? `${name} ` : ""}→ ${nameOf(target, words)}`;

  /** @param {DiagramElement} step */
  const addTools = (step) => {
    const kinds = NEW.filter(([type]) => placesAfter(step, type).length);
    if (!kinds.length) return [];
    const kind = choice(words.add_what, kinds.map(([type, key]) => /** @type {const} */ ([type, words[key]])));
    const where = choice(words.add_where, []);
    const refresh = () => {
      const places = placesAfter(step, kind.value);
      where.fillIn(places.map((flow) => /** @type {const} */ ([flow?.id ?? "", wayWords(flow)])));
      where.hidden = places.length < 2;
    };
    kind.addEventListener("change", refresh);
    refresh();
    const flow = () => waysOut(step).find(({ id }) => id === where.value) ?? null;
    return [kind, where, button(words.add_after, () => done.add(step, kind.value, flow()))];
  };
  /** @param {DiagramElement} step */
  const connectTools = (step) => {
    const targets = /EndEvent$/.test(step.type) ? [] : others(step);
    if (!targets.length) return [];
    const target = choice(words.tool_connect, targets.map((one) => /** @type {const} */ ([one.id, nameOf(one, words)])));
    return [target, button(words.tool_connect, () => done.connect(step, target.value))];
  };
  // The way itself can be chosen in the picture alone, by a pointer.
  /** @param {DiagramElement} step */
  const disconnectTools = (step) => {
    const ways = waysOut(step);
    if (!ways.length) return [];
    const way = choice(words.which_way, ways.map((flow) => /** @type {const} */ ([flow.id, goingWords(flow)])));
    way.hidden = ways.length < 2;
    return [way, button(words.remove_way, () => done.disconnect(step, ways.find(({ id }) => id === way.value) ?? ways[0]))];
  };
  /** @param {DiagramElement} step */
  const moveTools = (step) =>
    /** @type {const} */ (["before", "after"]).filter((to) => neighbour(step, to)).map((to) => button(words[`move_${to}`], () => done.move(step, to)));

  return (/** @type {DiagramElement} */ step) =>
    make("div", { class: "t-inline" }, button(words.write, () => done.write(step)), button(words.remove, () => done.remove(step)), ...moveTools(step), ...addTools(step), ...connectTools(step), ...disconnectTools(step));
}
