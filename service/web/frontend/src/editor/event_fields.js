// @ts-check
// What an event is about: its time, the message it waits for or sends, the error or escalation with its code.
import { is } from "bpmn-js/lib/util/ModelUtil";
import { definitionOf, fileOf } from "./field_kinds.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Moddle} Moddle */
/** @typedef {import("../types").Field} Field */
/** @typedef {import("../types").Choice} Choice */
/** @typedef {import("./field_kinds.js").Parts} Parts */
/** @typedef {import("./field_kinds.js").Kinds} Kinds */

const TIMES = ["timeDuration", "timeDate", "timeCycle"];

/**
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {Kinds} kinds
 * @returns {Field[]}
 */
export function eventFields(element, parts, kinds) {
  return [
    ...timer(element, parts, kinds),
    ...message(element, parts),
    ...coded(element, parts, { kind: "Error", list: parts.choices.errors }),
    ...coded(element, parts, { kind: "Escalation", list: parts.choices.escalations }),
    ...(is(element, "bpmn:BoundaryEvent") && !definitionOf(element, "Error") ? [kinds.flag("interrupts", "cancelActivity")] : []),
    ...(element.parent?.businessObject.triggeredByEvent && is(element, "bpmn:StartEvent") ? [kinds.flag("interrupts", "isInterrupting")] : []),
  ];
}

/**
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {Kinds} kinds
 * @returns {Field[]}
 */
function timer(element, { modeling }, { inner, property }) {
  const definition = definitionOf(element, "Timer");
  if (!definition) return [];
  const kind = TIMES.find((name) => definition.get(name)) ?? TIMES[0];
  const change = (/** @type {string} */ next) => modeling.updateModdleProperties(element, definition, { [kind]: undefined, [next]: definition.get(kind) });
  /** @type {Choice[]} */
  const names = [
    ["timeDuration", "timer_duration"],
    ["timeDate", "timer_date"],
    ["timeCycle", "timer_cycle"],
  ];
  /** @type {Choice[]} */
  const missed = [
    ["once", "missed_once"],
    ["all", "missed_all"],
  ];
  return [
    { word: "timer_kind", shape: "select", options: names, translated: true, required: true, read: () => kind, write: change },
    inner("timer", definition, kind, { shape: kind === "timeDuration" ? "time" : "feel", props: ["duration", "date", "cycle", "timer duration", "timer date", "timer cycle"] }),
    property("days", "days", { shape: "select", options: DAYS, translated: true }),
    property("zone", "zone", { hint: "zone_hint" }),
    ...(kind === "timeCycle" ? [property("missed", "missed", { shape: "select", options: missed, translated: true })] : []),
    property("priority", "priority", { hint: "priority_hint" }),
  ];
}

/** How the days of a deadline are counted. @type {Choice[]} */
export const DAYS = [
  ["working", "days_working"],
  ["calendar", "days_calendar"],
];

/**
 * A part of the file that elements refer to by its name: made when it is new.
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {{owner: Moddle, ref: string, type: string, same: (one: Moddle) => boolean, given: Record<string, string>}} what
 */
function refer(element, { modeling, factory }, { owner, ref, type, same, given }) {
  const file = fileOf(element.businessObject);
  let found = file.rootElements.find((/** @type {Moddle} */ one) => one.$type === type && same(one));
  if (!found) {
    found = factory.create(type, given);
    found.$parent = file;
    modeling.updateModdleProperties(element, file, { rootElements: [...file.rootElements, found] });
  }
  modeling.updateModdleProperties(element, owner, { [ref]: found });
}

/**
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @returns {Field[]}
 */
function message(element, parts) {
  const owner = is(element, "bpmn:ReceiveTask") ? element.businessObject : definitionOf(element, "Message");
  if (!owner) return [];
  const write = (/** @type {string} */ name) =>
    name
      ? refer(element, parts, { owner, ref: "messageRef", type: "bpmn:Message", same: (one) => one.name === name, given: { name } })
      : parts.modeling.updateModdleProperties(element, owner, { messageRef: undefined });
  /** @type {Field[]} */
  const fields = [{ word: "message", shape: "suggest", options: parts.choices.messages ?? [], read: () => owner.messageRef?.name ?? "", write }];
  if (owner.messageRef) fields.push(correlation(element, parts, owner.messageRef));
  return fields;
}

/**
 * Messages are addressed by the case; other programs ask for a key, and this one is the only that fits.
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {Moddle} addressed
 * @returns {Field}
 */
function correlation(element, { modeling, factory }, addressed) {
  const values = () => /** @type {Moddle[]} */ (addressed.extensionElements?.values ?? []);
  const key = () => values().find((one) => one.$type === "zeebe:Subscription");
  return {
    word: "correlation",
    shape: "select",
    options: [["= caseId", "correlation_case"], ...(key() && key()?.correlationKey !== "= caseId" ? [/** @type {Choice} */ ([key()?.correlationKey, key()?.correlationKey])] : [])],
    translated: true,
    read: () => key()?.correlationKey ?? "",
    write: (text) => {
      const kept = values().filter((one) => one !== key());
      const all = text ? [...kept, factory.create("zeebe:Subscription", { correlationKey: text })] : kept;
      const extensionElements = all.length ? factory.create("bpmn:ExtensionElements", { values: all }) : undefined;
      if (extensionElements) {
        extensionElements.$parent = addressed;
        all.forEach((one) => (one.$parent = extensionElements));
      }
      modeling.updateModdleProperties(element, addressed, { extensionElements });
    },
  };
}

/**
 * The error or escalation of an event, by its code.
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {{kind: "Error" | "Escalation", list: Choice[] | undefined}} what
 * @returns {Field[]}
 */
function coded(element, parts, { kind, list }) {
  const owner = definitionOf(element, kind);
  if (!owner) return [];
  const [ref, code] = kind === "Error" ? ["errorRef", "errorCode"] : ["escalationRef", "escalationCode"];
  const write = (/** @type {string} */ text) =>
    text
      ? refer(element, parts, { owner, ref, type: `bpmn:${kind}`, same: (one) => one.get(code) === text, given: { name: text, [code]: text } })
      : parts.modeling.updateModdleProperties(element, owner, { [ref]: undefined });
  const hint = is(element, "bpmn:BoundaryEvent") ? "code_hint" : undefined;
  return [{ word: kind === "Error" ? "error_code" : "escalation_code", shape: "suggest", options: list ?? [], hint, read: () => owner.get(ref)?.get(code) ?? "", write }];
}
