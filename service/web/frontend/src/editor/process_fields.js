// @ts-check
// What is said about a process as a whole: its names and plain words, the variables that no form writes, its version.
import { is } from "bpmn-js/lib/util/ModelUtil";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Field} Field */
/** @typedef {import("./field_kinds.js").Parts} Parts */
/** @typedef {[string, string][]} Pairs */

/**
 * @param {DiagramElement} element
 * @param {Parts} parts
 * @returns {Field[]}
 */
export function processFields(element, { x, modeling }) {
  const process = is(element, "bpmn:Process") ? element.businessObject : element.businessObject.processRef;
  if (!process) return [];
  const owner = /** @type {DiagramElement} */ ({ ...element, businessObject: process });
  const at = { element, owner: process };
  const named = (/** @type {string} */ prefix) => x.properties(owner).filter(([name]) => name.startsWith(prefix));
  const others = (/** @type {string} */ prefix) => x.properties(owner).filter(([name]) => !name.startsWith(prefix));
  /** @type {(word: string, name: string, shape: Field["shape"]) => Field} */
  const property = (word, name, shape) => ({
    word,
    shape,
    props: [name],
    read: () => x.property(owner, name),
    write: (value) => x.setProperties(at, [...x.properties(owner).filter(([one]) => one !== name), ...(value ? [/** @type {[string, string]} */ ([name, value])] : [])]),
  });
  /** @type {(word: string, prefix: string, hint: string) => Field} */
  const family = (word, prefix, hint) => ({
    word,
    shape: "pairs",
    plain: true,
    hint,
    read: () => named(prefix).map(([name, value]) => [name.slice(prefix.length), value]),
    write: (/** @type {Pairs} */ pairs) => x.setProperties(at, [...others(prefix), ...pairs.map(([name, value]) => /** @type {[string, string]} */ ([prefix + name, value]))]),
  });
  return [
    { word: "process_name", shape: "text", read: () => process.name ?? "", write: (name) => modeling.updateModdleProperties(element, process, { name: name || undefined }) },
    property("name_en", "name.en", "text"),
    property("plain_sv", "plain.sv", "long"),
    property("plain_en", "plain.en", "long"),
    family("variables", "var.", "variables_hint"),
    {
      word: "version_tag",
      shape: "text",
      read: () => x.find(owner, "zeebe:VersionTag")?.value ?? "",
      write: (value) => x.putInto(at, "zeebe:VersionTag", value ? x.factory.create("zeebe:VersionTag", { value }) : null),
    },
  ];
}
