// @ts-check
// Which questions the panel asks about which element, by tab. A field: its word, how it is shown, and how it is read and written.
import { is } from "bpmn-js/lib/util/ModelUtil";
import { DAYS, eventFields } from "./event_fields.js";
import { definitionOf, fieldKinds } from "./field_kinds.js";
import { processFields } from "./process_fields.js";
import { dataFields, handlerFields, repeatFields } from "./work_fields.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Field} Field */
/** @typedef {import("./field_kinds.js").Parts} Parts */
/** @typedef {import("./field_kinds.js").Kinds} Kinds */

/** The languages in which a case is told. */
const LANGUAGES = ["sv", "en"];

/**
 * The fields about an element, by the tab of the panel.
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @returns {Record<string, Field[]>}
 */
export function fieldsOf(element, parts) {
  const kinds = fieldKinds(element, parts);
  return {
    general: [...general(element, parts, kinds), ...eventFields(element, parts, kinds), ...place(element, parts, kinds), description(parts, kinds)],
    who: who(element, parts, kinds),
    form: form(element, parts, kinds),
    handler: handlerFields(element, parts, kinds),
    data: [...repeatFields(element, parts), ...dataFields(element, parts)],
    words: words(element, kinds),
    process: processFields(element, parts),
  };
}

/**
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {Kinds} kinds
 * @returns {Field[]}
 */
function general(element, { modeling, factory }, { bo, update, plain, inner }) {
  /** @type {Field[]} */
  const fields = [plain("name", "name"), plain("id", "id", { hint: "id_hint", write: (value) => value && update({ id: value }) })];
  if (!is(element, "bpmn:SequenceFlow")) return fields;
  const source = element.source;
  fields.push(
    inner("condition", bo, "conditionExpression", {
      condition: true,
      props: ["condition", "conditionExpression"],
      write: (body) => update({ conditionExpression: body ? factory.create("bpmn:FormalExpression", { body }) : undefined }),
    }),
  );
  if (source.businessObject.get("default") !== undefined || is(source, "bpmn:ExclusiveGateway") || is(source, "bpmn:InclusiveGateway"))
    fields.push({
      word: "default_flow",
      shape: "check",
      read: () => source.businessObject.default === bo,
      write: (on) => modeling.updateProperties(source, { default: on ? bo : undefined }),
    });
  return fields;
}

/**
 * Where in the programme a step is, and when it may be done.
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {Kinds} kinds
 * @returns {Field[]}
 */
function place(element, { choices }, { property }) {
  if (!is(element, "bpmn:FlowNode")) return [];
  const asked = is(element, "bpmn:UserTask") || is(element, "bpmn:ManualTask") || Boolean(definitionOf(element, "Message")) || is(element, "bpmn:StartEvent");
  return [
    property("stage", "stage", { shape: "select", options: choices.stages }),
    property("station", "station", { shape: "select", options: choices.stations }),
    property("milestone", "milestone", { hint: "milestone_hint" }),
    ...(asked ? [property("allowed_when", "allowed_when", { shape: "feel", condition: true, hint: "allowed_hint" })] : []),
  ];
}

/**
 * @param {Parts} parts
 * @param {Kinds} kinds
 * @returns {Field}
 */
const description = ({ factory }, { bo, update }) => ({
  word: "description",
  shape: "long",
  read: () => bo.documentation?.[0]?.text ?? "",
  write: (text) => update({ documentation: text ? [factory.create("bpmn:Documentation", { text })] : [] }),
});

/**
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {Kinds} kinds
 * @returns {Field[]}
 */
function who(element, { choices, steps }, { bo, extension, property }) {
  const begins = Boolean(definitionOf(element, "Message")) || is(element, "bpmn:StartEvent");
  if (!is(element, "bpmn:UserTask") && !is(element, "bpmn:ManualTask"))
    return begins && !is(element, "bpmn:EndEvent") && !is(element, "bpmn:IntermediateThrowEvent")
      ? [property("roles_begin", "roles", { shape: "several", options: choices.roles })]
      : [];
  return [
    extension("role", "zeebe:AssignmentDefinition", "candidateGroups", { shape: "several", options: choices.roles, hint: "role_hint" }),
    extension("due", "zeebe:TaskSchedule", "dueDate", { shape: "time", hint: "due_hint", props: ["dueDate", "due date"] }),
    property("days", "days", { shape: "select", options: DAYS, translated: true }),
    extension("follow_up", "zeebe:TaskSchedule", "followUpDate", { shape: "time", props: ["followUpDate", "follow-up date"] }),
    extension("priority", "zeebe:PriorityDefinition", "priority", { hint: "priority_hint" }),
    property("four_eyes", "not_same_person_as", { shape: "several", options: steps.filter(([id]) => id !== bo.id) }),
  ];
}

/**
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @param {Kinds} kinds
 * @returns {Field[]}
 */
function form(element, { choices }, { extension }) {
  const starts = is(element, "bpmn:StartEvent") && is(element.parent, "bpmn:Process");
  const waits = is(element, "bpmn:ReceiveTask") || (Boolean(definitionOf(element, "Message")) && !is(element, "bpmn:ThrowEvent"));
  const pool = is(element, "bpmn:StartEvent") && is(element.parent, "bpmn:Participant");
  if (!is(element, "bpmn:UserTask") && !starts && !waits && !pool) return [];
  return [extension("form", "zeebe:FormDefinition", "formId", { shape: "select", options: choices.forms })];
}

/**
 * @param {DiagramElement} element
 * @param {Kinds} kinds
 * @returns {Field[]}
 */
function words(element, { property }) {
  return [
    property("name_en", "name.en"),
    ...(is(element, "bpmn:FlowNode") ? LANGUAGES.map((lang) => property(`plain_${lang}`, `plain.${lang}`, { shape: "long" })) : []),
    ...(is(element, "bpmn:BusinessRuleTask") ? LANGUAGES.map((lang) => property(`sentence_${lang}`, `sentence.${lang}`, { shape: "long", hint: "sentence_hint" })) : []),
  ];
}
