// @ts-check
// Which questions the panel asks about which element. A field: its word, how it is shown, and how it is read and written.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Moddle} Moddle */
/** @typedef {import("../types").Field} Field */
/** @typedef {import("../types").Choice} Choice */
/**
 * The parts of the modeler that fields need, and what the server offers.
 * @typedef {object} Parts
 * @property {import("./extensions.js").Extensions} x
 * @property {any} modeling a service of bpmn-js; they carry no types of their own
 * @property {any} factory as above
 * @property {Record<string, Choice[]>} choices
 * @property {Choice[]} steps the user tasks of the diagram
 */
/** @typedef {(word: string, owner: Moddle, name: string, shape?: Field["shape"]) => Field} Inner */
/** @typedef {(word: string, type: string, name: string, shape: Field["shape"], options?: Choice[]) => Field} Extension */

/**
 * @param {DiagramElement} element
 * @param {string} type
 * @returns {Moddle | undefined}
 */
const first = (element, type) => element.businessObject.eventDefinitions?.find((/** @type {Moddle} */ one) => one.$type === type);

/**
 * The fields about an element, by the tab of the panel.
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @returns {Record<string, Field[]>}
 */
export function fieldsOf(element, { x, modeling, factory, choices, steps }) {
  const bo = getBusinessObject(element);
  const update = (/** @type {Record<string, unknown>} */ properties) => modeling.updateProperties(element, properties);
  /** @type {(word: string, name: string, shape?: Field["shape"]) => Field} */
  const plain = (word, name, shape = "text") => ({
    word,
    shape,
    read: () => bo.get(name) ?? "",
    write: (value) => update({ [name]: value || undefined }),
  });
  /** @type {Extension} */
  const extension = (word, type, name, shape, options) => ({
    word,
    shape,
    options,
    read: () => x.read(element, type, name),
    write: (value) => x.write(element, type, name, value),
  });
  /** @type {(word: string, name: string, shape?: Field["shape"], options?: Choice[]) => Field} */
  const property = (word, name, shape = "text", options) => ({
    word,
    shape,
    options,
    read: () => x.property(element, name),
    write: (value) => x.setProperty(element, name, value),
  });
  /** @type {Inner} */
  const inner = (word, owner, name, shape = "feel") => ({
    word,
    shape,
    read: () => owner.get(name)?.body ?? "",
    write: (body) => {
      const made = body ? factory.create("bpmn:FormalExpression", { body }) : undefined;
      if (made) made.$parent = owner;
      modeling.updateModdleProperties(element, owner, { [name]: made });
    },
  });

  /** @type {Field[]} */
  const general = [plain("name", "name"), { ...plain("id", "id"), hint: "id_hint", write: (value) => value && update({ id: value }) }];
  if (is(element, "bpmn:SequenceFlow")) {
    general.push({
      ...inner("condition", bo, "conditionExpression"),
      write: (body) => update({ conditionExpression: body ? factory.create("bpmn:FormalExpression", { body }) : undefined }),
    });
    if (
      element.source.businessObject.get("default") !== undefined ||
      is(element.source, "bpmn:ExclusiveGateway") ||
      is(element.source, "bpmn:InclusiveGateway")
    ) {
      general.push({
        word: "default_flow",
        shape: "check",
        read: () => element.source.businessObject.default === bo,
        write: (on) => modeling.updateProperties(element.source, { default: on ? bo : undefined }),
      });
    }
  }
  /** @type {Field} */
  const priority = { ...property("priority", "priority"), hint: "priority_hint" };
  general.push(...timer(element, { modeling, inner, priority }), ...message(element, { modeling, factory, choices }));
  if (is(element, "bpmn:FlowNode")) {
    general.push(
      property("stage", "stage", "select", choices.stages),
      property("station", "station", "select", choices.stations),
      property("milestone", "milestone"),
    );
  }
  general.push({
    word: "description",
    shape: "long",
    read: () => bo.documentation?.[0]?.text ?? "",
    write: (text) => update({ documentation: text ? [factory.create("bpmn:Documentation", { text })] : [] }),
  });

  return {
    general,
    who: is(element, "bpmn:UserTask")
      ? [
          extension("role", "zeebe:AssignmentDefinition", "candidateGroups", "select", choices.roles),
          { ...extension("due", "zeebe:TaskSchedule", "dueDate", "feel"), hint: "due_hint" },
          extension("follow_up", "zeebe:TaskSchedule", "followUpDate", "feel"),
          { ...extension("priority", "zeebe:PriorityDefinition", "priority", "text"), hint: "priority_hint" },
          {
            ...property(
              "four_eyes",
              "not_same_person_as",
              "several",
              steps.filter(([id]) => id !== bo.id),
            ),
            hint: "four_eyes_hint",
          },
        ]
      : [],
    form:
      is(element, "bpmn:UserTask") || (is(element, "bpmn:StartEvent") && is(element.parent, "bpmn:Process"))
        ? [extension("form", "zeebe:FormDefinition", "formId", "select", choices.forms)]
        : [],
    handler: handler(element, { x, extension, choices, priority }),
    words: [
      property("name_en", "name.en"),
      ...(is(element, "bpmn:FlowNode") ? [property("plain_sv", "plain.sv", "long"), property("plain_en", "plain.en", "long")] : []),
    ],
  };
}

/**
 * @param {DiagramElement} element
 * @param {{x: Parts["x"], extension: Extension, choices: Parts["choices"], priority: Field}} parts
 * @returns {Field[]}
 */
function handler(element, { x, extension, choices, priority }) {
  /** @type {Field} */
  const inputs = { word: "input", shape: "inputs", read: () => x.inputs(element), write: (lines) => x.setInputs(element, lines) };
  const topic = extension("topic", "zeebe:TaskDefinition", "type", "select", choices.topics);
  const sends =
    element.businessObject.eventDefinitions?.some((/** @type {Moddle} */ one) => one.$type === "bpmn:MessageEventDefinition") &&
    (is(element, "bpmn:EndEvent") || is(element, "bpmn:IntermediateThrowEvent"));
  if (is(element, "bpmn:BusinessRuleTask"))
    return [
      extension("decision", "zeebe:CalledDecision", "decisionId", "select", choices.decisions),
      extension("result", "zeebe:CalledDecision", "resultVariable", "text"),
    ];
  if (is(element, "bpmn:ServiceTask") || is(element, "bpmn:SendTask") || sends)
    return [topic, extension("retries", "zeebe:TaskDefinition", "retries", "text"), priority, inputs];
  if (is(element, "bpmn:CallActivity")) return [extension("called_process", "zeebe:CalledElement", "processId", "select", choices.processes)];
  return [];
}

/**
 * @param {DiagramElement} element
 * @param {{modeling: any, inner: Inner, priority: Field}} parts
 * @returns {Field[]}
 */
function timer(element, { modeling, inner, priority }) {
  const definition = first(element, "bpmn:TimerEventDefinition");
  if (!definition) return [];
  const kinds = ["timeDuration", "timeDate", "timeCycle"];
  const kind = kinds.find((name) => definition.get(name)) ?? kinds[0];
  const change = (/** @type {string} */ next) => modeling.updateModdleProperties(element, definition, { [kind]: undefined, [next]: definition.get(kind) });
  /** @type {Choice[]} */
  const names = [
    ["timeDuration", "timer_duration"],
    ["timeDate", "timer_date"],
    ["timeCycle", "timer_cycle"],
  ];
  return [
    { word: "timer_kind", shape: "select", options: names, translated: true, required: true, read: () => kind, write: change },
    inner("timer", definition, kind),
    priority,
  ];
}

/**
 * @param {DiagramElement} element
 * @param {Pick<Parts, "modeling" | "factory" | "choices">} parts
 * @returns {Field[]}
 */
function message(element, { modeling, factory, choices }) {
  const owner = is(element, "bpmn:ReceiveTask") ? element.businessObject : first(element, "bpmn:MessageEventDefinition");
  if (!owner) return [];
  const root = () => {
    let up = element.businessObject;
    while (up.$parent && up.$type !== "bpmn:Definitions") up = up.$parent;
    return up;
  };
  const write = (/** @type {string} */ name) => {
    const definitions = root();
    let found = definitions.rootElements.find((/** @type {Moddle} */ one) => one.$type === "bpmn:Message" && one.name === name);
    if (name && !found) {
      found = factory.create("bpmn:Message", { name });
      found.$parent = definitions;
      modeling.updateModdleProperties(element, definitions, { rootElements: [...definitions.rootElements, found] });
    }
    modeling.updateModdleProperties(element, owner, { messageRef: name ? found : undefined });
  };
  return [{ word: "message", shape: "suggest", options: choices.messages ?? [], read: () => owner.messageRef?.name ?? "", write }];
}
