// @ts-check
// What moves on a drawing: the drawing itself, towards the step that happens, and tokens along the ways that were taken.
// Nothing moves for people who asked their system for less of it.
import { viewOf } from "../shared/frames.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {{x: number, y: number}} Point */

const SVG = "http://www.w3.org/2000/svg";
const RADIUS = 7;

export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The movement of a drawing that is going on; a new one takes its place. */
let gliding = 0;
/** @type {() => void} */
let arrive = () => {};

/**
 * Brings an element into the middle, readable; from a place on the same plane by moving there.
 * @param {import("../shared/frames.js").Services} get
 * @param {DiagramElement} element
 * @param {number} time in milliseconds
 */
export function glide(get, element, time) {
  const canvas = get("canvas");
  cancelAnimationFrame(gliding);
  gliding = 0;
  const root = canvas.getRootElement();
  const from = canvas.viewbox();
  const to = viewOf(get, element);
  if (still() || root !== canvas.getRootElement()) return canvas.viewbox(to);
  const begun = performance.now();
  arrive = () => canvas.viewbox(to);
  /** @param {number} now */
  const step = (now) => {
    const part = eased(Math.min(1, Math.max(0, (now - begun) / time)));
    canvas.viewbox(between(from, to, part));
    gliding = part < 1 ? requestAnimationFrame(step) : 0;
  };
  gliding = requestAnimationFrame(step);
}

/** Puts the drawing at once where it was gliding to. One that is taken off the page has no size, and would shrink to nothing. */
export function endGlide() {
  if (!gliding) return;
  cancelAnimationFrame(gliding);
  gliding = 0;
  arrive();
}

/** @param {number} part */
const eased = (part) => part * (2 - part);

/**
 * @param {Record<string, any>} from
 * @param {Record<string, any>} to
 * @param {number} part
 */
function between(from, to, part) {
  /** @param {"x" | "y" | "width" | "height"} name */
  const at = (name) => from[name] + (to[name] - from[name]) * part;
  return { x: at("x"), y: at("y"), width: at("width"), height: at("height") };
}

/**
 * Ways in the order in which tokens passed them: first those that begin where no other one of them ends.
 * @param {{id: string, source: string, target: string}[]} ways
 * @returns {string[][]}
 */
export function inOrder(ways) {
  /** @type {string[][]} */
  const rounds = [];
  let left = ways;
  while (left.length) {
    const ends = new Set(left.map(({ target }) => target));
    const free = left.filter(({ source }) => !ends.has(source));
    const now = free.length ? free : left;
    rounds.push(now.map(({ id }) => id));
    left = free.length ? left.filter((way) => !free.includes(way)) : [];
  }
  return rounds;
}

/**
 * Where a token is on its way.
 * @param {Point[]} points
 * @param {number} part from 0 to 1
 * @returns {Point}
 */
export function pointOn(points, part) {
  const pieces = points.slice(1).map((to, index) => ({ from: points[index], to, length: Math.hypot(to.x - points[index].x, to.y - points[index].y) }));
  let left = part * pieces.reduce((sum, { length }) => sum + length, 0);
  for (const { from, to, length } of pieces) {
    if (left <= length && length) return { x: from.x + ((to.x - from.x) * left) / length, y: from.y + ((to.y - from.y) * left) / length };
    left -= length;
  }
  return points[points.length - 1];
}

/** Takes away the tokens of the step before. */
let stop = () => {};
export const stopTokens = () => stop();

/**
 * Moves a token along each way that was taken, one after the other.
 * @param {import("./viewer.js").DiagramViewer} viewer
 * @param {Iterable<string>} ids of ways; others are left out
 * @param {number} time for all, in milliseconds
 */
export function moveTokens(viewer, ids, time) {
  stop();
  if (still()) return;
  const plane = viewer.get("canvas").getRootElement();
  const found = [...ids].map((id) => viewer.element(id)).filter((way) => way?.waypoints && viewer.get("canvas").findRoot(way) === plane);
  const ways = /** @type {DiagramElement[]} */ (found);
  const rounds = inOrder(ways.map((way) => ({ id: way.id, source: way.source.id, target: way.target.id })));
  if (!rounds.length) return;
  const layer = viewer.get("canvas").getActiveLayer();
  const begun = performance.now();
  const each = time / rounds.length;
  const points = new Map(ways.map((way) => [way.id, /** @type {Point[]} */ (way.waypoints)]));
  /** @type {Map<string, SVGCircleElement>} */
  const tokens = new Map();
  let frame = 0;
  /** @param {number} now */
  const draw = (now) => {
    // the first frame may have begun before the step
    const round = Math.max(0, Math.floor((now - begun) / each));
    if (round >= rounds.length) return stop();
    for (const [id, token] of tokens) if (!rounds[round].includes(id)) token.remove();
    for (const id of rounds[round]) {
      const token = tokens.get(id) ?? made(layer);
      tokens.set(id, token);
      const { x, y } = pointOn(points.get(id) ?? [], Math.max(0, (now - begun) / each - round));
      token.setAttribute("cx", String(x));
      token.setAttribute("cy", String(y));
    }
    frame = requestAnimationFrame(draw);
  };
  stop = () => {
    cancelAnimationFrame(frame);
    tokens.forEach((token) => token.remove());
    stop = () => {};
  };
  frame = requestAnimationFrame(draw);
}

/** @param {SVGElement} layer */
function made(layer) {
  const token = document.createElementNS(SVG, "circle");
  token.setAttribute("r", String(RADIUS));
  token.setAttribute("class", "t-token");
  layer.append(token);
  return token;
}
