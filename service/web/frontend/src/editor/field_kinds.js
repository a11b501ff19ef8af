// @ts-check
// The kinds of fields that the panel is made of: where each is kept in the file, and how it is read and written. A change is one command, and one undo.

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
/** @typedef {Partial<Field>} More */

/**
 * Makes fields of one element.
 * @param {DiagramElement} element
 * @param {Parts} parts
 */
export function fieldKinds(element, { x, modeling, factory }) {
  const bo = element.businessObject;
  const update = (/** @type {Record<string, unknown>} */ properties) => modeling.updateProperties(element, properties);
  /** An attribute of BPMN itself. @type {(word: string, name: string, more?: More) => Field} */
  const plain = (word, name, more) => ({ word, shape: "text", props: [name], read: () => bo.get(name) ?? "", write: (value) => update({ [name]: value || undefined }), ...more });
  /** An attribute that is yes or no. @type {(word: string, name: string, more?: More) => Field} */
  const flag = (word, name, more) => ({ word, shape: "check", read: () => Boolean(bo.get(name)), write: (on) => update({ [name]: on }), ...more });
  /** An attribute of an extension element. @type {(word: string, type: string, name: string, more?: More) => Field} */
  const extension = (word, type, name, more) => ({
    word,
    shape: "text",
    props: [name],
    read: () => x.read(element, type, name),
    write: (value) => x.write(element, type, name, value),
    ...more,
  });
  /** One of the named properties. @type {(word: string, name: string, more?: More) => Field} */
  const property = (word, name, more) => ({
    word,
    shape: "text",
    props: [name],
    read: () => x.property(element, name),
    write: (value) => x.setProperty(element, name, value),
    ...more,
  });
  /** An expression inside another part of the element. @type {(word: string, owner: Moddle, name: string, more?: More) => Field} */
  const inner = (word, owner, name, more) => ({
    word,
    shape: "feel",
    read: () => owner.get(name)?.body ?? "",
    write: (body) => {
      const made = body ? factory.create("bpmn:FormalExpression", { body }) : undefined;
      if (made) made.$parent = owner;
      modeling.updateModdleProperties(element, owner, { [name]: made });
    },
    ...more,
  });
  return { bo, update, plain, flag, extension, property, inner };
}

/** @typedef {ReturnType<typeof fieldKinds>} Kinds */

/**
 * The event definition of a kind, if the element has one.
 * @param {DiagramElement} element
 * @param {string} kind such as "Timer"
 * @returns {Moddle | undefined}
 */
export const definitionOf = (element, kind) =>
  element.businessObject.eventDefinitions?.find((/** @type {Moddle} */ one) => one.$type === `bpmn:${kind}EventDefinition`);

/**
 * The whole file around an object.
 * @param {Moddle} object
 * @returns {Moddle}
 */
export function fileOf(object) {
  let up = object;
  while (up.$parent && up.$type !== "bpmn:Definitions") up = up.$parent;
  return up;
}
