// @ts-check
// Marks that the server puts on elements and ways, each a class and the text that stands at it: what no scenario visits, the way
// that breaks a promise with its steps in order.
import { middleOf } from "./counts.js";

/** Kind of a mark to its class. @type {Record<string, string>} */
const CLASS = { unvisited: "t-unvisited", broken: "t-broken" };

/** @param {import("./viewer.js").DiagramViewer} viewer */
export function showMarks(viewer) {
  for (const [id, [kind, text]] of Object.entries(viewer.data.marks ?? {})) {
    const element = viewer.element(id);
    if (!element) continue;
    viewer.mark(id, CLASS[kind]);
    if (text) viewer.badge(id, element.waypoints ? middleOf(element.waypoints) : { top: -12, left: -10 }, text, kind);
  }
}
