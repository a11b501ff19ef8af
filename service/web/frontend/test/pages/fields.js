// Writes something into every field that the panel has for every element of a drawing; tells what then stands in the file.
import Modeler from "bpmn-js/lib/Modeler";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { Extensions } from "../../src/editor/extensions.js";
import { fieldsOf } from "../../src/editor/fields.js";

const PROBE = { check: () => true, pairs: () => [["probe", "=probe"]], select: ({ options }) => options?.at(-1)?.[0] ?? "probe" };

window.fields = async (xml) => {
  const container = document.createElement("div");
  container.style.cssText = "width: 1200px; height: 800px";
  document.body.replaceChildren(container);
  const modeler = new Modeler({ container, moddleExtensions: { zeebe } });
  await modeler.importXML(xml);
  const parts = { x: new Extensions(modeler), modeling: modeler.get("modeling"), factory: modeler.get("bpmnFactory"), choices: {}, steps: [["a", "A"], ["b", "B"]] };
  const faults = [];
  for (const element of modeler.get("elementRegistry").filter((one) => !one.labelTarget)) {
    const done = new Set();
    for (let again = true; again; ) {
      again = false;
      for (const field of Object.values(fieldsOf(element, parts)).flat()) {
        const key = field.word;
        if (done.has(key) || field.word === "id") continue;
        done.add(key);
        const probe = (PROBE[field.shape] ?? (() => "probe"))(field);
        field.write(probe);
        const now = Object.values(fieldsOf(element, parts)).flat().find(({ word }) => word === key)?.read();
        if (JSON.stringify(now) !== JSON.stringify(probe)) faults.push(`${element.id} ${key}: ${JSON.stringify(now)} after ${JSON.stringify(probe)}`);
        again = true;
        break;
      }
    }
  }
  const saved = (await modeler.saveXML({ format: true })).xml;
  return { saved, faults };
};
