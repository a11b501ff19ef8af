// Reads and writes what the dialect keeps in extension elements. Each change is one command, so that it is one undo; unknown elements are kept.
export class Extensions {
  constructor(modeler) {
    this.modeling = modeler.get("modeling");
    this.factory = modeler.get("bpmnFactory");
  }

  find(element, type) {
    return element.businessObject.extensionElements?.values?.find((one) => one.$type === type);
  }

  read(element, type, name) {
    return this.find(element, type)?.get(name) ?? "";
  }

  write(element, type, name, value) {
    const before = this.find(element, type);
    const kept = Object.fromEntries(
      (before?.$descriptor.properties ?? [])
        .map(({ ns }) => [ns.localName, before.get(ns.localName)])
        .filter(([, one]) => one !== undefined && !Array.isArray(one)),
    );
    const values = { ...kept, [name]: value || undefined };
    this.put(element, type, Object.values(values).some(Boolean) ? this.factory.create(type, values) : null);
  }

  property(element, name) {
    return this.find(element, "zeebe:Properties")?.properties?.find((one) => one.name === name)?.value ?? "";
  }

  setProperty(element, name, value) {
    const kept = (this.find(element, "zeebe:Properties")?.properties ?? []).filter((one) => one.name !== name);
    const all = [...kept.map((one) => [one.name, one.value]), ...(value ? [[name, value]] : [])];
    const properties = all.map(([key, text]) => this.factory.create("zeebe:Property", { name: key, value: text }));
    this.put(element, "zeebe:Properties", this.holding("zeebe:Properties", { properties }));
  }

  inputs(element) {
    return (this.find(element, "zeebe:IoMapping")?.inputParameters ?? []).map(({ target, source }) => [target, source]);
  }

  setInputs(element, pairs) {
    const outputParameters = this.find(element, "zeebe:IoMapping")?.outputParameters ?? [];
    const inputParameters = pairs.map(([target, source]) => this.factory.create("zeebe:Input", { target, source }));
    this.put(element, "zeebe:IoMapping", this.holding("zeebe:IoMapping", { inputParameters, outputParameters }));
  }

  // A holder with nothing in it is left out.
  holding(type, lists) {
    if (!Object.values(lists).some((list) => list.length)) return null;
    const made = this.factory.create(type, lists);
    Object.values(lists)
      .flat()
      .forEach((one) => (one.$parent = made));
    return made;
  }

  put(element, type, made) {
    const bo = element.businessObject;
    const values = [...(bo.extensionElements?.values ?? []).filter((one) => one.$type !== type), ...(made ? [made] : [])];
    const holder = values.length ? this.factory.create("bpmn:ExtensionElements", { values }) : undefined;
    if (holder) {
      holder.$parent = bo;
      values.forEach((one) => (one.$parent = holder));
    }
    this.modeling.updateModdleProperties(element, bo, { extensionElements: holder });
  }
}
