// @ts-check
// Where a new step is put: on the flow that it is put into, or in a free place near the step that it follows. Never on top of anything, always inside
// the lane and frame of what it belongs to; where there is no such place, room is made. Pure.
import { distance, isFrame, meet, nearestPart, span } from "./space.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("./space.js").Layout} Layout */
/** @typedef {import("./space.js").Box} Box */
/** @typedef {import("./space.js").Point} Point */
/** @typedef {import("./space.js").Axis} Axis */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {{layout: Layout, box: Box, first?: Point[], second?: Point[]}} Place */

const GAP = 30;
const AROUND = 10;
const EDGE = 6;
const ROOMS = [0, 40, 80, 120, 180, 260];

/** @param {Box} inner @param {Box} outer @param {number} edge */
const within = (inner, outer, edge) =>
  inner.x >= outer.x + edge && inner.y >= outer.y + edge && inner.x + inner.width <= outer.x + outer.width - edge && inner.y + inner.height <= outer.y + outer.height - edge;

/** The frames around an element, the innermost first. @param {DiagramElement} element */
function around(element) {
  /** @type {DiagramElement[]} */
  const found = [];
  for (let up = element.parent; up; up = up.parent) if (isFrame(up)) found.push(up);
  return found;
}

/**
 * The innermost lane or frame of a scope that holds a point.
 * @param {Layout} layout
 * @param {DiagramElement | undefined} parent
 * @param {Point} at
 */
function holder(layout, parent, at) {
  const lanes = layout.shapes.filter((shape) => shape.type === "bpmn:Lane" && belongs(shape, parent) && within({ ...at, width: 0, height: 0 }, layout.box(shape), 0));
  const size = (/** @type {DiagramElement} */ lane) => layout.box(lane).width * layout.box(lane).height;
  return lanes.sort((a, b) => size(a) - size(b))[0] ?? (parent && layout.boxes.has(parent) ? parent : undefined);
}

/** @param {DiagramElement} lane @param {DiagramElement | undefined} parent */
function belongs(lane, parent) {
  let up = lane.parent;
  while (up && up.type === "bpmn:Lane") up = up.parent;
  return up === parent;
}

/**
 * Whether nothing else lies where a box would.
 * @param {Layout} layout
 * @param {Box} box
 * @param {{beside: DiagramElement, at: Point, apart?: DiagramElement, tidy: boolean}} rule `tidy`: flows of others do not run beneath it either
 */
export function free(layout, box, { beside, at, apart, tidy }) {
  const outer = holder(layout, beside.parent, at);
  if (outer && !within(box, layout.box(outer), EDGE)) return false;
  const frames = new Set(around(beside));
  const clear = layout.shapes.every((shape) => {
    if (frames.has(shape) || /Participant$|Lane$|Group$/.test(shape.type)) return true;
    return !meet(box, layout.box(shape), shape.labelTarget ? 2 : AROUND);
  });
  if (!clear || !tidy) return clear;
  return layout.connections.every((flow) => flow === apart || parts(layout.way(flow)).every(([from, to]) => !meet(box, span(from, to), 4)));
}

/** @param {Point[]} way @returns {[Point, Point, number][]} */
const parts = (way) => way.slice(1).map((to, index) => [way[index], to, index]);

/** Parts that lead to the right come first, those that lead back last. @param {[Point, Point, number]} part */
const rank = ([from, to]) => (to.x > from.x ? 0 : to.y !== from.y ? 1 : 2);

/**
 * A place on a flow, which is cut in two there.
 * @param {Layout} layout
 * @param {DiagramElement} flow
 * @param {Size} size
 * @returns {Place | undefined}
 */
export function onFlow(layout, flow, size) {
  for (const tidy of [true, false])
    for (const room of ROOMS)
      for (const part of parts(layout.way(flow)).sort((a, b) => rank(a) - rank(b))) {
        const found = onPart(layout, flow, { part, size, room, tidy });
        if (found) return found;
      }
  return undefined;
}

/**
 * @param {Layout} layout
 * @param {DiagramElement} flow
 * @param {{part: [Point, Point, number], size: Size, room: number, tidy: boolean}} wish
 */
function onPart(layout, flow, { part: [from, to, index], size, room, tidy }) {
  if (from.x !== to.x && from.y !== to.y) return undefined;
  /** @type {Axis} */
  const axis = from.y === to.y ? "x" : "y";
  const needed = (axis === "x" ? size.width : size.height) + GAP + labelRoom(layout, flow, index, axis) + room;
  const missing = needed - Math.abs(from[axis] - to[axis]);
  if (missing <= 0) return room ? undefined : slide(layout, flow, { index, size, tidy });
  const [low, high] = [Math.min(from[axis], to[axis]), Math.max(from[axis], to[axis])];
  const lines = [high - 1, low + 1, ...[flow.source, flow.target].filter((end) => layout.boxes.has(end)).map((end) => layout.box(end)[axis] - 1)];
  for (const line of lines.filter((one) => one > low - 2 && one < high + 2)) {
    const wider = layout.shifted(axis, line, missing);
    const found = slide(wider, flow, { index, size, tidy });
    if (found) return found;
  }
  return undefined;
}

/**
 * How much of a part stays before the new step: as much as the label takes that stands there.
 * @param {Layout} layout
 * @param {DiagramElement} flow
 * @param {number} index of the part
 * @param {Axis} axis along which it leads
 */
function labelRoom(layout, flow, index, axis) {
  if (!flow.label) return GAP;
  const box = layout.box(flow.label);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  return nearestPart(layout.way(flow), middle) === index ? Math.max(GAP, (axis === "x" ? box.width : box.height) + 12) : GAP;
}

/**
 * The first free place along one part of a flow.
 * @param {Layout} layout
 * @param {DiagramElement} flow
 * @param {{index: number, size: Size, tidy: boolean}} wish
 * @returns {Place | undefined}
 */
function slide(layout, flow, { index, size, tidy }) {
  const way = layout.way(flow);
  const [from, to] = [way[index], way[index + 1]];
  if (!to || (from.x !== to.x && from.y !== to.y)) return undefined;
  /** @type {Axis} */
  const axis = from.y === to.y ? "x" : "y";
  const length = axis === "x" ? size.width : size.height;
  const sign = to[axis] > from[axis] ? 1 : -1;
  const whole = Math.abs(to[axis] - from[axis]);
  for (let start = labelRoom(layout, flow, index, axis); start <= whole - length - GAP; start += 10) {
    const near = from[axis] + sign * start;
    const far = near + sign * length;
    const middle = { ...from, [axis]: (near + far) / 2 };
    const box = { x: middle.x - size.width / 2, y: middle.y - size.height / 2, ...size };
    if (!free(layout, box, { beside: flow.source, at: middle, apart: flow, tidy })) continue;
    return { layout, box, first: [...way.slice(0, index + 1), { ...from, [axis]: near }], second: [{ ...from, [axis]: far }, ...way.slice(index + 1)] };
  }
  return undefined;
}

/**
 * Where the label of a flow stands when the flow became shorter: where it was, else beside the flow's first parts.
 * @param {Place} place
 * @param {DiagramElement} flow
 * @returns {Point | undefined}
 */
export function labelPlace({ layout, box, first }, flow) {
  if (!flow.label || !first) return undefined;
  const label = flow.label;
  const own = layout.box(label);
  const middle = { x: own.x + own.width / 2, y: own.y + own.height / 2 };
  const near = nearestPart(first, middle);
  const clear = (/** @type {Box} */ at) => !meet(at, box, 2) && layout.shapes.every((shape) => shape === label || isFrame(shape) || !meet(at, layout.box(shape), 0));
  if (distance(middle, first[near], first[near + 1]) <= Math.max(40, own.width / 2 + 10) && clear(own)) return { x: own.x, y: own.y };
  const beside = parts(first).flatMap(([from, to]) => {
    const { x, y, width, height } = span(from, to);
    const around = height ? [{ x: x + 6, y: y + height / 2 - own.height / 2 }, { x: x - own.width - 6, y: y + height / 2 - own.height / 2 }] : [{ x: x + 4, y: y - own.height - 4 }, { x: x + 4, y: y + 4 }, { x: x + width / 2 - own.width / 2, y: y + 4 }, { x: x + width / 2 - own.width / 2, y: y - own.height - 4 }];
    return around;
  });
  const further = [20, 35, 50, 70].flatMap((by) => beside.flatMap(({ x, y }) => [{ x, y: y - by }, { x, y: y + by }, { x: x + by, y }, { x: x - by, y }]));
  return [...beside, ...further].find((at) => clear({ ...own, ...at })) ?? beside[0];
}

/**
 * A free place to the right of a step, or below; its lane and frames grow where there is none.
 * @param {Layout} layout
 * @param {DiagramElement} step
 * @param {Size} size
 * @returns {Place}
 */
export function beside(layout, step, size) {
  const room = wideEnough(layout, step, size);
  const box = room.box(step);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  for (const tidy of [true, false])
    for (const dy of rows(step.host ? box.height / 2 + size.height / 2 + GAP : 0))
      for (const dx of [50, 70, 90, 110]) {
        const place = { x: box.x + box.width + dx, y: middle.y - size.height / 2 + dy, ...size };
        const at = { x: Math.min(middle.x, place.x), y: middle.y };
        if (free(room, place, { beside: step, at, tidy }) && (!tidy || reachable(room, step, place))) return { layout: room, box: place };
      }
  return below(room, step, size);
}

/**
 * Whether the flow from a step to what is put beside it crosses nothing and runs on no flow of another step: it leaves a gateway and an event on a
 * border upright, other steps to the right.
 * @param {Layout} layout
 * @param {DiagramElement} step
 * @param {Box} place
 */
function reachable(layout, step, place) {
  const box = layout.box(step);
  const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const to = { x: place.x, y: place.y + place.height / 2 };
  const upright = /Gateway$/.test(step.type) || step.host;
  const half = (box.x + box.width + to.x) / 2;
  const edge = to.y > from.y ? box.y + box.height : box.y;
  const right = { x: box.x + box.width, y: from.y };
  const way = to.y === from.y ? [right, to] : upright ? [{ ...from, y: edge }, { ...from, y: to.y }, to] : [right, { x: half, y: from.y }, { x: half, y: to.y }, to];
  const frames = new Set(around(step));
  const shapes = layout.shapes.filter((shape) => shape !== step && shape !== step.host && !frames.has(shape) && !isFrame(shape)).map((shape) => layout.box(shape));
  const flows = layout.connections.filter(({ source }) => source !== step).flatMap((flow) => parts(layout.way(flow)).map(([a, b]) => span(a, b)));
  return parts(way).every(([a, b]) => [...shapes, ...flows].every((other) => !meet(span(a, b), other, 1)));
}

/** How far down or up to look, the nearest first. @param {number} first */
const rows = (first) => Array.from({ length: 25 }, (_, n) => n * 20).flatMap((dy) => (first ? [first + dy] : dy ? [dy, -dy] : [0]));

/**
 * Room to the right of a step within its frames.
 * @param {Layout} layout
 * @param {DiagramElement} step
 * @param {Size} size
 */
function wideEnough(layout, step, size) {
  const frame = around(step)[0];
  if (!frame || !layout.boxes.has(frame)) return layout;
  const [outer, own] = [layout.box(frame), layout.box(step)];
  const missing = own.x + own.width + 110 + size.width + 2 * EDGE - (outer.x + outer.width);
  return missing > 0 ? layout.shifted("x", outer.x + outer.width - 3, Math.ceil(missing / 10) * 10) : layout;
}

/**
 * A row of its own at the foot of the lane or frame.
 * @param {Layout} layout
 * @param {DiagramElement} step
 * @param {Size} size
 * @returns {Place}
 */
function below(layout, step, size) {
  const own = layout.box(step);
  const middle = { x: own.x + own.width / 2, y: own.y + own.height / 2 };
  const outer = holder(layout, step.parent, middle);
  const x = own.x + own.width + 50;
  const bottom = outer ? layout.box(outer).y + layout.box(outer).height : Math.max(...layout.shapes.map((shape) => layout.box(shape).y + layout.box(shape).height));
  const room = outer ? layout.shifted("y", bottom - 3, size.height + 3 * AROUND) : layout;
  return { layout: room, box: { x, y: bottom + AROUND - 3, ...size } };
}
