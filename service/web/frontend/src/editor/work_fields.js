// @ts-check
// What is done in a step and with which values: its handler, rule or called process, what goes in and comes out, and how often it is done.
import { is } from "bpmn-js/lib/util/ModelUtil";
import { definitionOf } from "./field_kinds.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Moddle} Moddle */
/** @typedef {import("../types").Field} Field */
/** @typedef {import("../types").Choice} Choice */
/** @typedef {import("./field_kinds.js").Parts} Parts */
/** @typedef {import("./field_kinds.js").Kinds} Kinds */

/** @param {DiagramElement} element */
const sends = (element) => Boolean(definitionOf(element, "Message")) && (is(element, "bpmn:EndEvent") || is(element, "bpmn:IntermediateThrowEvent"));

/** @param {DiagramElement} element */
const callsHandler = (element) => is(element, "bpmn:ServiceTask") || is(element, "bpmn:SendTask") || sends(element);

/**
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {Kinds} kinds
 * @returns {Field[]}
 */
export function handlerFields(element, { choices, x }, { extension, property }) {
  /** @type {Field[]} */
  const fields = [];
  if (is(element, "bpmn:BusinessRuleTask"))
    fields.push(
      extension("decision", "zeebe:CalledDecision", "decisionId", { shape: "select", options: choices.decisions }),
      extension("result", "zeebe:CalledDecision", "resultVariable", { shape: "suggest", options: choices.names }),
    );
  if (callsHandler(element))
    fields.push(
      extension("topic", "zeebe:TaskDefinition", "type", { shape: "select", options: choices.topics, about: "handler" }),
      extension("retries", "zeebe:TaskDefinition", "retries", { hint: "retries_hint" }),
      property("priority", "priority", { hint: "priority_hint" }),
      { word: "headers", shape: "pairs", plain: true, read: () => x.headers(element), write: (pairs) => x.setHeaders(element, pairs) },
    );
  if (is(element, "bpmn:CallActivity")) fields.push(extension("called_process", "zeebe:CalledElement", "processId", { shape: "select", options: choices.processes }));
  return fields;
}

/**
 * What goes into a step and what comes out of it.
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @returns {Field[]}
 */
export function dataFields(element, { x }) {
  const leaves = is(element, "bpmn:EndEvent") && (definitionOf(element, "Error") || definitionOf(element, "Terminate"));
  const maps = (is(element, "bpmn:Activity") || is(element, "bpmn:Event")) && !leaves;
  const reads = callsHandler(element) || ["BusinessRuleTask", "SubProcess", "CallActivity"].some((type) => is(element, `bpmn:${type}`));
  /** @type {(word: string, way: "input" | "output") => Field} */
  const mapping = (word, way) => ({ word, shape: "pairs", props: [way], read: () => x.mapping(element, way), write: (pairs) => x.setMapping(element, way, pairs) });
  return [...(maps && reads ? [mapping("input", "input")] : []), ...(maps ? [mapping("output", "output")] : [])];
}

/**
 * Whether a step is done once, or for each item of a list.
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @returns {Field[]}
 */
export function repeatFields(element, { modeling, factory, choices }) {
  const repeats = is(element, "bpmn:Activity") && !is(element, "bpmn:BusinessRuleTask") && !is(element, "bpmn:ReceiveTask") && !element.businessObject.triggeredByEvent;
  if (!repeats) return [];
  const bo = element.businessObject;
  const loop = () => /** @type {Moddle | undefined} */ (bo.loopCharacteristics);
  const list = () => /** @type {Moddle | undefined} */ (loop()?.extensionElements?.values?.find((/** @type {Moddle} */ one) => one.$type === "zeebe:LoopCharacteristics"));
  const change = (/** @type {string} */ how) => {
    const before = loop();
    if (!how) return modeling.updateProperties(element, { loopCharacteristics: undefined });
    const made = factory.create("bpmn:MultiInstanceLoopCharacteristics", {
      isSequential: how === "sequential",
      extensionElements: before?.extensionElements,
      completionCondition: before?.completionCondition,
    });
    made.$parent = bo;
    return modeling.updateProperties(element, { loopCharacteristics: made });
  };
  /** @type {Field} */
  const kind = {
    word: "repeat",
    shape: "select",
    options: [
      ["parallel", "repeat_parallel"],
      ["sequential", "repeat_sequential"],
    ],
    translated: true,
    empty: "repeat_once",
    read: () => (loop() ? (loop()?.isSequential ? "sequential" : "parallel") : ""),
    write: change,
  };
  if (!loop()) return [kind];
  /** @type {(word: string, name: string, more?: Partial<Field>) => Field} */
  const part = (word, name, more) => ({
    word,
    shape: "feel",
    props: [name],
    read: () => list()?.get(name) ?? "",
    write: (value) => {
      const owner = /** @type {Moddle} */ (loop());
      const names = ["inputCollection", "inputElement", "outputCollection", "outputElement"];
      const kept = Object.fromEntries(names.map((one) => [one, one === name ? value || undefined : list()?.get(one)]));
      const made = factory.create("zeebe:LoopCharacteristics", kept);
      const others = (owner.extensionElements?.values ?? []).filter((/** @type {Moddle} */ one) => one !== list());
      const extensionElements = factory.create("bpmn:ExtensionElements", { values: [...others, made] });
      extensionElements.$parent = owner;
      made.$parent = extensionElements;
      modeling.updateModdleProperties(element, owner, { extensionElements });
    },
    ...more,
  });
  /** @type {Field} */
  const until = {
    word: "repeat_until",
    shape: "feel",
    condition: true,
    props: ["completion condition"],
    read: () => loop()?.completionCondition?.body ?? "",
    write: (body) => modeling.updateModdleProperties(element, /** @type {Moddle} */ (loop()), { completionCondition: body ? factory.create("bpmn:FormalExpression", { body }) : undefined }),
  };
  return [
    kind,
    part("repeat_list", "inputCollection", { props: ["inputCollection", "input collection"] }),
    part("repeat_item", "inputElement", { shape: "text" }),
    part("repeat_into", "outputCollection", { shape: "suggest", options: choices.names }),
    part("repeat_output", "outputElement", { props: ["outputElement", "output element"] }),
    until,
  ];
}
