// @ts-check
// The frames of a drawing, open or on planes of their own, and how an element is shown so that its words can be read.

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** A service of bpmn-js by its name; they carry no types of their own. @typedef {(name: string) => any} Services */

/** Texts are drawn at 12 px; at a smaller scale they are smaller than 11. */
export const READABLE = 0.92;

const MARGIN = 24;
const LARGEST = 1.2;
const START = 180;

/**
 * The whole frame where it can be read so, else its left part at the smallest size that can.
 * @param {Box} frame
 * @param {{width: number, height: number}} outer the canvas, in pixels
 * @returns {Box}
 */
export function readableFrame(frame, outer) {
  const whole = Math.min((outer.width - 2 * MARGIN) / frame.width, (outer.height - 2 * MARGIN) / frame.height);
  const scale = Math.min(Math.max(whole, READABLE), LARGEST);
  const [width, height] = [outer.width / scale, outer.height / scale];
  const margin = MARGIN / scale;
  const x = width >= frame.width + 2 * margin ? frame.x - (width - frame.width) / 2 : frame.x - margin;
  const y = height >= frame.height + 2 * margin ? frame.y - (height - frame.height) / 2 : frame.y - margin;
  return { x, y, width, height };
}

/**
 * Every frame that holds no other one: a part of the process, drawn open or on a plane of its own.
 * @param {Services} get
 * @returns {DiagramElement[]}
 */
export function framesOf(get) {
  /** @type {DiagramElement[]} */
  const found = get("elementRegistry").filter((/** @type {DiagramElement} */ e) => /SubProcess|Transaction/.test(e.type) && e.parent && !e.labelTarget);
  const outer = new Set(found.map((e) => e.parent));
  return found.filter((e) => e.businessObject.name && !outer.has(e) && !e.id.endsWith("_plane"));
}

/**
 * Fills a row with a button for each frame; one that stands alone needs none.
 * @param {HTMLElement | undefined} row
 * @param {Services} get
 */
export function frameButtons(row, get) {
  if (!row) return;
  const made = framesOf(get).map((frame) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "t-file-tab", textContent: frame.businessObject.name });
    button.addEventListener("click", () => showFrame(get, frame));
    return button;
  });
  row.replaceChildren(...made);
  row.hidden = made.length < 2;
}

/**
 * Shows a frame on whichever plane it lies, at a size that can be read.
 * @param {Services} get
 * @param {DiagramElement} frame
 */
export function showFrame(get, frame) {
  const canvas = get("canvas");
  const plane = get("elementRegistry").get(`${frame.id}_plane`);
  canvas.setRootElement(plane ?? canvas.findRoot(frame));
  const { inner, outer } = canvas.viewbox();
  canvas.viewbox(readableFrame(plane ? inner : frame, outer));
}

/**
 * Brings an element into view at a size that can be read, on whichever plane it lies.
 * @param {Services} get
 * @param {DiagramElement} element
 * @param {boolean} middle into the middle, or to the left, where what follows is seen too
 */
export function lookAt(get, element, middle = true) {
  get("canvas").viewbox(viewOf(get, element, middle));
}

/**
 * The part of the drawing around an element, at a size that can be read; the plane on which it lies is shown.
 * @param {Services} get
 * @param {DiagramElement} element
 * @param {boolean} middle
 * @returns {Box}
 */
export function viewOf(get, element, middle = true) {
  const canvas = get("canvas");
  const root = canvas.findRoot(element);
  if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
  const { outer, scale } = canvas.viewbox();
  const size = scale < READABLE ? 1 : scale;
  const [width, height] = [outer.width / size, outer.height / size];
  const whole = boxOf(element);
  // of a line that does not fit, the place where it begins: the middle of its box may hold nothing at all
  const box = element.waypoints && (whole.width > width || whole.height > height) ? { ...element.waypoints[0], width: 0, height: 0 } : whole;
  const left = middle ? (width - box.width) / 2 : Math.min(START, width / 4);
  return { x: box.x - left, y: box.y - (height - box.height) / 2, width, height };
}

/**
 * Where an element lies. A line has no place of its own: it lies around the middle of its points.
 * @param {DiagramElement} element
 * @returns {Box}
 */
export function boxOf({ x, y, width, height, waypoints }) {
  if (!waypoints) return { x, y, width, height };
  const points = /** @type {{x: number, y: number}[]} */ (waypoints);
  const [left, right] = [Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))];
  const [top, bottom] = [Math.min(...points.map((p) => p.y)), Math.max(...points.map((p) => p.y))];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * Where the drawing begins, when the whole of it cannot be read.
 * @param {Services} get
 */
export function lookAtStart(get) {
  if (get("canvas").zoom() >= READABLE) return;
  const start = get("elementRegistry").find((/** @type {DiagramElement} */ e) => e.type === "bpmn:StartEvent");
  if (start) lookAt(get, start, false);
}
