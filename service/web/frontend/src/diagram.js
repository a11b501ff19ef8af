// @ts-check
// Pages that show a diagram: draws it, colours it, and ties it to its list of steps. The list says the same in words.
import { compare } from "./diagram/compare.js";
import { tieSteps } from "./diagram/steps.js";
import { DiagramViewer } from "./diagram/viewer.js";
import { all, pageData } from "./shared/dom.js";

const begun = all(document, "[data-diagram]").map((canvas) => {
  const viewer = new DiagramViewer(canvas, pageData(canvas.dataset.diagram ?? ""));
  const drawer = canvas.closest("details");
  // A drawing in a closed drawer has no size; it is made when the drawer opens.
  if (drawer && !drawer.open) {
    drawer.addEventListener("toggle", () => begin(viewer), { once: true });
    return viewer;
  }
  return begin(viewer);
});
const [compared] = all(document, "[data-compare]");
if (compared) Promise.all(begun).then((viewers) => compare(compared, viewers));

/** @param {DiagramViewer} viewer */
async function begin(viewer) {
  await viewer.show(viewer.data.at ?? viewer.data.steps.length - 1);
  viewer.tools(all(document, `[data-zoom="${viewer.canvas.id}"]`)[0]);
  tieSteps(viewer, all(document, "[data-steps]"));
  // the script of a replay, which comes before this one, waits for it
  document.dispatchEvent(new CustomEvent("diagram", { detail: viewer }));
  return viewer;
}
