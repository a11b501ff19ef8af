// Reads and writes one diagram as Camunda Modeler does: XML in, {xml, warnings} out as one JSON line.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const packages = createRequire(pathToFileURL(`${process.argv[2]}/`));
const { BpmnModdle } = await import(pathToFileURL(packages.resolve("bpmn-moddle")).href);
const moddle = new BpmnModdle({ zeebe: packages("zeebe-bpmn-moddle/resources/zeebe.json") });

const { rootElement, warnings } = await moddle.fromXML(await text(process.stdin));
const { xml } = await moddle.toXML(rootElement, { format: true });
console.log(JSON.stringify({ xml, warnings: warnings.map((warning) => warning.message) }));
