// @ts-check
// Reads and writes what the dialect keeps in extension elements. Each change is one command, so that it is one undo; unknown elements are kept.
/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Moddle} Moddle */
/** @typedef {[target: string, source: string]} Pair */
/** @typedef {{element: DiagramElement, owner: Moddle}} Place an object of the file, and the element that shows it */

export class Extensions {
  /** @param {{get: (name: string) => any}} modeler bpmn-js; its services carry no types of their own */
  constructor(modeler) {
    this.modeling = modeler.get("modeling");
    this.factory = modeler.get("bpmnFactory");
  }

  /**
   * @param {DiagramElement} element
   * @param {string} type such as "zeebe:Properties"
   * @returns {Moddle | undefined}
   */
  find(element, type) {
    return element.businessObject.extensionElements?.values?.find((/** @type {Moddle} */ one) => one.$type === type);
  }

  /**
   * @param {DiagramElement} element
   * @param {string} type
   * @param {string} name of an attribute
   * @returns {string}
   */
  read(element, type, name) {
    return this.find(element, type)?.get(name) ?? "";
  }

  /**
   * @param {DiagramElement} element
   * @param {string} type
   * @param {string} name of an attribute
   * @param {string} value
   */
  write(element, type, name, value) {
    const before = this.find(element, type);
    /** @type {Moddle[]} the attributes that its schema knows */
    const known = before?.$descriptor.properties ?? [];
    const kept = Object.fromEntries(
      known
        .map(({ ns }) => [ns.localName, before?.get(ns.localName)])
        .filter(([, one]) => one !== undefined && !Array.isArray(one)),
    );
    const values = { ...kept, [name]: value || undefined };
    this.put(element, type, Object.values(values).some(Boolean) ? this.factory.create(type, values) : null);
  }

  /**
   * @param {DiagramElement} element
   * @param {string} name
   * @returns {string}
   */
  property(element, name) {
    return this.find(element, "zeebe:Properties")?.properties?.find((/** @type {Moddle} */ one) => one.name === name)?.value ?? "";
  }

  /**
   * @param {DiagramElement} element
   * @param {string} name
   * @param {string} value
   */
  setProperty(element, name, value) {
    /** @type {Moddle[]} */
    const before = this.find(element, "zeebe:Properties")?.properties ?? [];
    const kept = before.filter((one) => one.name !== name);
    const all = [...kept.map((one) => [one.name, one.value]), ...(value ? [[name, value]] : [])];
    const properties = all.map(([key, text]) => this.factory.create("zeebe:Property", { name: key, value: text }));
    this.put(element, "zeebe:Properties", this.container("zeebe:Properties", { properties }));
  }

  /**
   * The names and values of an element's properties, in the order of the file.
   * @param {DiagramElement} element
   * @returns {Pair[]}
   */
  properties(element) {
    return (this.find(element, "zeebe:Properties")?.properties ?? []).map((/** @type {Moddle} */ { name, value }) => [name, value]);
  }

  /**
   * @param {Place} at
   * @param {Pair[]} pairs
   */
  setProperties(at, pairs) {
    const properties = pairs.map(([name, value]) => this.factory.create("zeebe:Property", { name, value }));
    this.putInto(at, "zeebe:Properties", this.container("zeebe:Properties", { properties }));
  }

  /**
   * @param {DiagramElement} element
   * @param {"input" | "output"} way
   * @returns {Pair[]}
   */
  mapping(element, way) {
    const parameters = this.find(element, "zeebe:IoMapping")?.[`${way}Parameters`] ?? [];
    return parameters.map((/** @type {Moddle} */ { target, source }) => [target ?? "", source ?? ""]);
  }

  /**
   * @param {DiagramElement} element
   * @param {"input" | "output"} way
   * @param {Pair[]} pairs
   */
  setMapping(element, way, pairs) {
    const before = this.find(element, "zeebe:IoMapping");
    const [inputParameters, outputParameters] = [before?.inputParameters ?? [], before?.outputParameters ?? []];
    const made = pairs.map(([target, source]) => this.factory.create(way === "input" ? "zeebe:Input" : "zeebe:Output", { target, source }));
    this.put(element, "zeebe:IoMapping", this.container("zeebe:IoMapping", { inputParameters, outputParameters, [`${way}Parameters`]: made }));
  }

  /**
   * Constant texts that a handler is given.
   * @param {DiagramElement} element
   * @returns {Pair[]}
   */
  headers(element) {
    return (this.find(element, "zeebe:TaskHeaders")?.values ?? []).map((/** @type {Moddle} */ { key, value }) => [key ?? "", value ?? ""]);
  }

  /**
   * @param {DiagramElement} element
   * @param {Pair[]} pairs
   */
  setHeaders(element, pairs) {
    const values = pairs.map(([key, value]) => this.factory.create("zeebe:Header", { key, value }));
    this.put(element, "zeebe:TaskHeaders", this.container("zeebe:TaskHeaders", { values }));
  }

  /**
   * An extension element around lists; one with nothing in it is left out.
   * @param {string} type
   * @param {Record<string, Moddle[]>} lists
   * @returns {Moddle | null}
   */
  container(type, lists) {
    if (!Object.values(lists).some((list) => list.length)) return null;
    const made = this.factory.create(type, lists);
    Object.values(lists)
      .flat()
      .forEach((one) => (one.$parent = made));
    return made;
  }

  /**
   * @param {DiagramElement} element
   * @param {string} type of the one that is replaced
   * @param {Moddle | null} made
   */
  put(element, type, made) {
    this.putInto({ element, owner: element.businessObject }, type, made);
  }

  /**
   * @param {Place} at
   * @param {string} type of the one that is replaced
   * @param {Moddle | null} made
   */
  putInto({ element, owner: bo }, type, made) {
    /** @type {Moddle[]} */
    const before = bo.extensionElements?.values ?? [];
    const values = [...before.filter((one) => one.$type !== type), ...(made ? [made] : [])];
    const extensionElements = values.length ? this.factory.create("bpmn:ExtensionElements", { values }) : undefined;
    if (extensionElements) {
      extensionElements.$parent = bo;
      values.forEach((one) => (one.$parent = extensionElements));
    }
    this.modeling.updateModdleProperties(element, bo, { extensionElements });
  }
}
