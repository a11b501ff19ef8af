// The diagram editor: bpmn-js with our palette, menus, panel, findings and step list. The server checks and keeps; this only draws and asks.
import Modeler from "bpmn-js/lib/Modeler";
import Minimap from "diagram-js-minimap";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { clean, ids, menus, palette } from "./editor/dialect.js";
import { draft } from "./editor/draft.js";
import { outline } from "./editor/outline.js";
import { panel } from "./editor/panel.js";
import { problems } from "./editor/problems.js";
import { translations } from "./editor/translations.js";

const data = JSON.parse(document.getElementById("editor-data").textContent);
const PALETTE = 120;
const MARGIN = 12;
const desk = document.querySelector("[data-editor]");
// These three menus write style attributes, which the policy forbids; our Align button does their work.
const off = Object.fromEntries(
  ["alignElementsContextPadProvider", "alignElementsMenuProvider", "distributeElementsMenuProvider"].map((name) => [name, ["value", null]]),
);
const modeler = new Modeler({
  container: document.getElementById("editor"),
  moddleExtensions: { zeebe },
  additionalModules: [translations(data.bpmn), Minimap, palette(data.words), menus, clean, ids, off],
});

const response = await fetch(data.xml);
await modeler.importXML(await response.text());
fit();
const list = problems(modeler, data);
panel(modeler, data, document.getElementById("panel"));
outline(modeler, data, document.getElementById("steps"));
const keep = draft(modeler, data, list);
if (data.at) list.point(data.at);

const zoom = modeler.get("zoomScroll");
const act = {
  undo: () => modeler.get("commandStack").undo(),
  redo: () => modeler.get("commandStack").redo(),
  in: () => zoom.stepZoom(1),
  out: () => zoom.stepZoom(-1),
  fit,
  align: () =>
    modeler.get("alignElements").trigger(
      modeler
        .get("selection")
        .get()
        .filter((one) => !one.waypoints),
      "middle",
    ),
  save: () => keep.save(),
};
desk.addEventListener("click", (event) => act[event.target.closest("[data-do]")?.dataset.do]?.());
document.documentElement.dataset.ready = "editor";

// The whole drawing, beside the palette and not under it.
function fit() {
  const canvas = modeler.get("canvas");
  canvas.resized();
  const { inner, outer } = canvas.viewbox();
  const free = outer.width > 2 * PALETTE ? PALETTE : 0;
  const scale = Math.min((outer.width - free - 2 * MARGIN) / inner.width, (outer.height - 2 * MARGIN) / inner.height, 1);
  const [width, height] = [outer.width / scale, outer.height / scale];
  const x = inner.x - (free + MARGIN) / scale - Math.max(0, (width - (free + 2 * MARGIN) / scale - inner.width) / 2);
  canvas.viewbox({ x, y: inner.y - (height - inner.height) / 2, width, height });
}
