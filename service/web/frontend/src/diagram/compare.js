// @ts-check
// Two drawings side by side: the same place and size on both, a sign on whatever differs, and links of the list that lead to it.
import { all, closest, pageData } from "../shared/dom.js";

/** @typedef {import("./viewer.js").DiagramViewer} DiagramViewer */
/** @typedef {"added" | "removed" | "changed" | "moved"} Sign */

/** What stands on an element, so that colour alone says nothing. @type {Record<Sign, string>} */
const SIGN = { added: "+", removed: "−", changed: "~", moved: "↔" };

/**
 * @param {HTMLElement} section
 * @param {DiagramViewer[]} viewers one, where a side does not have the file
 */
export function compare(section, viewers) {
  /** @type {{signs: Record<string, Sign>, at: string}} */
  const { signs, at } = pageData(section.dataset.compare ?? "");
  for (const viewer of viewers) viewer.onPaint(() => mark(viewer, signs));
  const [first, second] = viewers;
  if (second) {
    follow(first, second);
    follow(second, first);
    copyView(first, second);
  }
  const begin = at || Object.keys(signs)[0];
  if (begin) point(viewers, begin);
  document.addEventListener("click", (event) => {
    const link = closest(event, "[data-jump]");
    if (!link || !viewers.some((viewer) => viewer.element(link.dataset.jump ?? ""))) return;
    event.preventDefault();
    section.scrollIntoView({ block: "start" });
    point(viewers, link.dataset.jump ?? "");
    viewers[0].canvas.focus({ preventScroll: true });
    for (const status of all(section, "[data-compare-status]")) status.textContent = link.closest("li")?.querySelector("div")?.firstChild?.textContent ?? "";
  });
  document.documentElement.dataset.ready = "compare";
}

/**
 * @param {DiagramViewer} viewer
 * @param {Record<string, Sign>} signs
 */
function mark(viewer, signs) {
  for (const [id, sign] of Object.entries(signs)) {
    const element = viewer.element(id);
    if (!element) continue;
    viewer.mark(id, `t-${sign}`);
    viewer.badge(id, element.waypoints ? { top: -12, left: 4 } : { top: -12, left: -10 }, SIGN[sign], sign);
  }
}

/**
 * Points at an element wherever it is drawn; a side that does not have it shows the same place.
 * @param {DiagramViewer[]} viewers
 * @param {string} id
 */
function point(viewers, id) {
  for (const viewer of viewers) {
    const { pointed } = viewer;
    if (pointed && viewer.element(pointed)) viewer.get("canvas").removeMarker(pointed, "t-pointed");
    viewer.pointed = null;
  }
  const having = viewers.filter((viewer) => viewer.element(id));
  // The last one moves the others along.
  for (const viewer of having.reverse()) viewer.point(id);
}

/**
 * @param {DiagramViewer} leader
 * @param {DiagramViewer} follower
 */
function follow(leader, follower) {
  leader.get("eventBus").on("canvas.viewbox.changed", () => copyView(leader, follower));
}

/**
 * Shows on one side what the other shows: the plane, the place and the size.
 * @param {DiagramViewer} from
 * @param {DiagramViewer} to
 */
function copyView(from, to) {
  const [source, target] = [from.get("canvas"), to.get("canvas")];
  const root = to.element(source.getRootElement().id);
  if (root && root !== target.getRootElement()) target.setRootElement(root);
  const [a, b] = [source.viewbox(), target.viewbox()];
  // A canvas is one pixel wider than the other now and then; what counts is the corner and the scale, and bpmn-js rounds both.
  if (Math.abs(a.x - b.x) < 0.5 && Math.abs(a.y - b.y) < 0.5 && Math.abs(a.scale - b.scale) < 0.0005) return;
  target.viewbox({ x: a.x, y: a.y, width: b.outer.width / a.scale, height: b.outer.height / a.scale });
}
