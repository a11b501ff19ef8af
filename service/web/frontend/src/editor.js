// @ts-check
// The diagram editor: bpmn-js with our palette, menus, panel, findings and step list. The server checks and keeps; this only draws and asks.
import Modeler from "bpmn-js/lib/Modeler";
import Minimap from "diagram-js-minimap";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { clean, ids, menus, palette } from "./editor/dialect.js";
import { draftChecks } from "./editor/checks.js";
import { draft } from "./editor/draft.js";
import { frameList, stepsDrawer } from "./editor/drawer.js";
import { stepAdder } from "./editor/insert.js";
import { outline } from "./editor/outline.js";
import { panel } from "./editor/panel.js";
import { problems } from "./editor/problems.js";
import { read } from "./editor/reading.js";
import { translations } from "./shared/translations.js";
import { wholeDrawing } from "./editor/viewbox.js";
import { byId, closest, one, pageData } from "./shared/dom.js";
import { lookAtStart } from "./shared/frames.js";
import { INK } from "./shared/ink.js";

const data = /** @type {import("./types").EditorData} */ (pageData("editor-data"));
// These three menus write style attributes, which the policy forbids; our Align button does their work.
const off = Object.fromEntries(
  ["alignElementsContextPadProvider", "alignElementsMenuProvider", "distributeElementsMenuProvider"].map((name) => [name, ["value", null]]),
);
const modeler = new Modeler({
  container: byId("editor"),
  moddleExtensions: { zeebe },
  additionalModules: [translations(data.bpmn), Minimap, palette(data.words), menus, clean, ids, stepAdder, off],
  bpmnRenderer: INK,
});
/** A service of bpmn-js. They carry no types of their own. @type {(name: string) => any} */
const service = (name) => modeler.get(name);

const response = await fetch(data.xml);
if (!(await read(modeler, await response.text(), data.words))) data.edit = false;
fit();
frameList(/** @type {HTMLSelectElement} */ (one(document, "[data-frames]")), service, data.words.whole_drawing);
const toggleSteps = stepsDrawer(service);
lookAtStart(service);
const about = panel(modeler, data, byId("panel"));
const list = problems(modeler, data, about);
outline(modeler, data, byId("steps"));
const saver = draft(modeler, data, list, draftChecks(data.checks));
if (data.at) list.point(data.at);

const zoom = service("zoomScroll");
/** @type {Record<string, () => unknown>} */
const actions = {
  undo: () => service("commandStack").undo(),
  redo: () => service("commandStack").redo(),
  in: () => zoom.stepZoom(1),
  out: () => zoom.stepZoom(-1),
  fit,
  steps: toggleSteps,
  align: () => {
    /** @type {import("./types").DiagramElement[]} */
    const selected = service("selection").get();
    service("alignElements").trigger(selected.filter((element) => !element.waypoints), "middle");
  },
  save: () => saver.save(),
};
one(document, "[data-editor]").addEventListener("click", (event) => actions[closest(event, "[data-do]")?.dataset.do ?? ""]?.());
document.documentElement.dataset.ready = "editor";
performance.mark("editor-ready");

function fit() {
  const canvas = service("canvas");
  canvas.resized();
  const { inner, outer } = canvas.viewbox();
  canvas.viewbox(wholeDrawing(inner, outer));
}
