// @ts-check
// What of BPMN the editor offers: only what the engine runs. Pure; dialect.js wires it into bpmn-js.

const NOT_RUN = new RegExp(
  [
    "manual",
    "script",
    "transaction",
    "ad-?hoc",
    "complex",
    "conditional",
    "signal",
    "compensation",
    "cancel",
    "link",
    "timer-start",
    "error-start",
    "escalation-start",
    "collapsed",
    "data-",
    "replace-with-task$",
    "instantiate",
  ].join("|"),
);

/**
 * Whether the engine runs what an entry of bpmn-js's menus makes.
 * @param {string} entry such as "replace-with-user-task"
 */
export const isRun = (entry) => !NOT_RUN.test(entry);

// bpmn-js keeps a form and a due date on a step that was turned into an automatic one; the engine would refuse them.
/** @type {Record<string, RegExp>} */
const FITTING = {
  "bpmn:UserTask": /Form|Assignment|Schedule|Priority|UserTask|IoMapping|Loop|Properties/,
  "bpmn:ServiceTask": /TaskDefinition|TaskHeaders|IoMapping|Loop|Properties/,
  "bpmn:SendTask": /TaskDefinition|TaskHeaders|IoMapping|Loop|Properties/,
  "bpmn:BusinessRuleTask": /CalledDecision|IoMapping|Properties/,
  "bpmn:CallActivity": /CalledElement|IoMapping|Loop|Properties/,
};

/**
 * Whether an element of this type may have an extension element of that type.
 * @param {string} type such as "bpmn:ServiceTask"
 * @param {string} extension such as "zeebe:TaskDefinition"
 */
export const fits = (type, extension) =>
  !extension.startsWith("zeebe:") || !(type in FITTING) || FITTING[type].test(extension);

/** The first that matches decides. @type {[RegExp, string][]} */
const PREFIXES = [
  [/Gateway/, "Gw"],
  [/EndEvent/, "End"],
  [/StartEvent/, "Start"],
  [/Event/, "Evt"],
  [/UserTask/, "Task"],
  [/BusinessRule/, "Rule"],
  [/CallActivity/, "Call"],
  [/SubProcess/, "Sub"],
  [/Task/, "Svc"],
  [/SequenceFlow/, "Flow"],
  [/Lane/, "Lane"],
  [/Participant/, "Pool"],
];

/**
 * How readable ids of a type begin; undefined where bpmn-js's own ids stay.
 * @param {string} type such as "bpmn:UserTask"
 */
export const prefixOf = (type) => PREFIXES.find(([pattern]) => pattern.test(type))?.[1];

/**
 * Whether bpmn-js made this id up: "Activity_0abc123".
 * @param {string} id
 */
export const isGenerated = (id) => /^[A-Z][A-Za-z]*_[0-9a-z]{7}$/.test(id);

/**
 * A new id. `Start`, `End` and `…EndJoin` are never made: the engine's parser keeps those names for itself.
 * @param {string} prefix
 * @param {number} random from 0 to 1
 */
export const newId = (prefix, random) => `${prefix}_${random.toString(36).slice(2, 8).padEnd(6, "x")}`;
