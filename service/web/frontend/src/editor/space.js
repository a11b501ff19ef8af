// @ts-check
// Room in a drawing: everything beyond a line moves on by some pixels, frames that the line cuts grow, labels go with what they name, and flows
// stay as straight as they were. Pure: it says where things would lie; insert.js moves them.

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** @typedef {"x" | "y"} Axis */
/** @typedef {"stays" | "moves" | "grows"} Fate */

const SIZE = /** @type {const} */ ({ x: "width", y: "height" });

/**
 * Whether an element holds others and is drawn around them.
 * @param {DiagramElement} element
 */
export const isFrame = ({ type, collapsed }) => /Participant$|Lane$|Group$/.test(type) || (/SubProcess$|Transaction$/.test(type) && !collapsed);

/** How far along its flow a label may go to a free place. */
const LABEL_STEPS = [10, 20, 30, 45, 60, 80, 100, 130, 160, 200];

/** Where everything on one plane of a drawing lies. */
export class Layout {
  /** @param {DiagramElement[]} elements all of one plane, without the plane itself */
  constructor(elements) {
    this.shapes = elements.filter((element) => !element.waypoints);
    this.connections = elements.filter((element) => element.waypoints);
    /** @type {Map<DiagramElement, Box>} */
    this.boxes = new Map(this.shapes.map((shape) => [shape, { x: shape.x, y: shape.y, width: shape.width, height: shape.height }]));
    /** @type {Map<DiagramElement, Point[]>} */
    this.ways = new Map(this.connections.map((one) => [one, /** @type {Point[]} */ (one.waypoints).map(({ x, y }) => ({ x, y }))]));
  }

  /** @param {DiagramElement} element */
  box(element) {
    return /** @type {Box} */ (this.boxes.get(element));
  }

  /** @param {DiagramElement} flow */
  way(flow) {
    return /** @type {Point[]} */ (this.ways.get(flow));
  }

  copy() {
    const made = new Layout([]);
    made.shapes = this.shapes;
    made.connections = this.connections;
    made.boxes = new Map([...this.boxes].map(([shape, box]) => [shape, { ...box }]));
    made.ways = new Map([...this.ways].map(([flow, way]) => [flow, way.map((point) => ({ ...point }))]));
    return made;
  }

  /**
   * The same drawing with room from a line on.
   * @param {Axis} axis x: room to the right of the line; y: below it
   * @param {number} start where the line lies
   * @param {number} delta pixels
   */
  shifted(axis, start, delta) {
    const made = this.copy();
    const fates = this.fates(axis, start);
    for (const [shape, fate] of fates) {
      if (fate === "moves") made.box(shape)[axis] += delta;
      if (fate === "grows") made.box(shape)[SIZE[axis]] += delta;
    }
    for (const flow of this.connections) made.ways.set(flow, this.shiftedWay(flow, fates, { axis, start, delta }));
    const by = { axis, start, delta };
    for (const label of this.shapes.filter((shape) => !fates.has(shape))) made.box(label)[axis] += this.labelShift(label, made, by);
    for (const label of this.shapes.filter(({ labelTarget }) => labelTarget))
      if (!made.clear(label, made.box(label)) && this.clear(label, this.box(label))) made.slide(label, axis);
    return made;
  }

  /**
   * What becomes of each shape.
   * @param {Axis} axis
   * @param {number} start
   */
  fates(axis, start) {
    /** @type {Map<DiagramElement, Fate>} */
    const fates = new Map();
    const beyond = (/** @type {DiagramElement} */ shape, at = 0) => this.box(shape)[axis] + at * this.box(shape)[SIZE[axis]] >= start;
    const moves = (/** @type {boolean} */ yes) => /** @type {Fate} */ (yes ? "moves" : "stays");
    const own = this.shapes.filter((shape) => !shape.labelTarget && !shape.host);
    for (const shape of own) fates.set(shape, beyond(shape) ? "moves" : isFrame(shape) && beyond(shape, 1) ? "grows" : "stays");
    for (const event of this.shapes.filter(({ host }) => host)) {
      const host = fates.get(/** @type {DiagramElement} */ (event.host)) ?? "stays";
      fates.set(event, host === "grows" ? moves(beyond(event, 0.5)) : host);
    }
    for (const label of this.shapes.filter(({ labelTarget }) => labelTarget)) {
      const named = /** @type {DiagramElement} */ (label.labelTarget);
      if (!named.waypoints) fates.set(label, fates.get(named) ?? "stays");
    }
    return fates;
  }

  /**
   * How far the label of a flow goes: it stays as far from its flow as it was, and on its side of the line where both would do.
   * @param {DiagramElement} label
   * @param {Layout} made where the flow leads then
   * @param {{axis: Axis, start: number, delta: number}} by
   */
  labelShift(label, made, { axis, start, delta }) {
    const flow = /** @type {DiagramElement} */ (label.labelTarget);
    const box = this.box(label);
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const was = apart(this.way(flow), middle);
    const off = (/** @type {number} */ by) => Math.abs(apart(made.way(flow), { ...middle, [axis]: middle[axis] + by }) - was);
    const [stays, moves] = [off(0), off(delta)];
    return Math.abs(stays - moves) < 1 ? (middle[axis] >= start ? delta : 0) : moves < stays ? delta : 0;
  }

  /**
   * Moves a label to the nearest free place along its flow, or beside its step or event.
   * @param {DiagramElement} label
   * @param {Axis} axis
   */
  slide(label, axis) {
    const named = /** @type {DiagramElement} */ (label.labelTarget);
    const way = named.waypoints ? this.way(named) : outline(this.box(named));
    const box = this.box(label);
    const at = (/** @type {Record<string, number>} */ by) => ({ ...box, x: box.x + by.x, y: box.y + by.y });
    const away = (/** @type {Box} */ place) => apart(way, { x: place.x + place.width / 2, y: place.y + place.height / 2 });
    const steps = LABEL_STEPS.flatMap((by) => [by, -by]);
    const other = axis === "x" ? "y" : "x";
    const aside = LABEL_STEPS.slice(0, 3).flatMap((by) => [by, -by]).flatMap((by) => steps.map((along) => ({ [axis]: along, [other]: by })));
    const places = [...steps.map((by) => ({ [axis]: by, [other]: 0 })), ...steps.map((by) => ({ [axis]: 0, [other]: by })), ...aside].map(at);
    const near = places.filter((place) => away(place) <= Math.max(away(box) + 10, 40));
    const found = near.find((place) => this.clear(label, place)) ?? (this.covered(label, box) ? near.find((place) => !this.covered(label, place)) : undefined);
    if (found) this.boxes.set(label, found);
  }

  /**
   * Whether nothing but frames lies where a label would, and no flow runs through it.
   * @param {DiagramElement} label
   * @param {Box} box
   */
  clear(label, box) {
    return !this.covered(label, box) && this.connections.every((flow) => this.way(flow).slice(1).every((to, index) => !meet(box, span(this.way(flow)[index], to))));
  }

  /**
   * Whether a step, an event or another label lies where a label would.
   * @param {DiagramElement} label
   * @param {Box} box
   */
  covered(label, box) {
    return this.shapes.some((shape) => shape !== label && !isFrame(shape) && meet(box, this.box(shape)));
  }

  /**
   * @param {DiagramElement} flow
   * @param {Map<DiagramElement, Fate>} fates
   * @param {{axis: Axis, start: number, delta: number}} by
   */
  shiftedWay(flow, fates, { axis, start, delta }) {
    const before = this.way(flow);
    const after = before.map((point) => (point[axis] >= start ? { ...point, [axis]: point[axis] + delta } : { ...point }));
    const last = before.length - 1;
    for (const [index, step, end] of /** @type {const} */ ([[0, 1, flow.source], [last, -1, flow.target]])) {
      const fate = fates.get(end);
      if (!fate || fate === "grows") continue;
      const value = before[index][axis] + (fate === "moves" ? delta : 0);
      // what hangs straight on an end stays straight
      for (let at = index; at >= 0 && at <= last && before[at][axis] === before[index][axis] && at !== last - index; at += step) after[at][axis] = value;
    }
    return straight(before, after);
  }
}

/** @param {Box} a @param {Box} b @param {number} around pixels that are to stay free between them */
export const meet = (a, b, around = 0) => a.x < b.x + b.width + around && b.x < a.x + a.width + around && a.y < b.y + b.height + around && b.y < a.y + a.height + around;

/** The box of a straight part of a flow. @param {Point} from @param {Point} to @returns {Box} */
export const span = (from, to) => ({ x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(from.x - to.x), height: Math.abs(from.y - to.y) });

/** The way around a box. @param {Box} box @returns {Point[]} */
const outline = ({ x, y, width, height }) => [{ x, y }, { x: x + width, y }, { x: x + width, y: y + height }, { x, y: y + height }, { x, y }];

/**
 * A bend in the middle of each part that was straight and is not any more.
 * @param {Point[]} before
 * @param {Point[]} after
 */
function straight(before, after) {
  return after.flatMap((point, index) => {
    const next = after[index + 1];
    if (!next || point.x === next.x || point.y === next.y) return [point];
    const [was, wasNext] = [before[index], before[index + 1]];
    if (was.x === wasNext.x) return [point, ...bend(point, next, "y")];
    return was.y === wasNext.y ? [point, ...bend(point, next, "x")] : [point];
  });
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {Axis} along the way that the part led
 * @returns {Point[]}
 */
function bend(from, to, along) {
  const middle = Math.round((from[along] + to[along]) / 2);
  return [{ ...from, [along]: middle }, { ...to, [along]: middle }];
}

/**
 * Which part of a flow is nearest to a point: the part between that bend and the next.
 * @param {Point[]} way
 * @param {Point} at
 */
export function nearestPart(way, at) {
  const distances = way.slice(1).map((to, index) => distance(at, way[index], to));
  return distances.indexOf(Math.min(...distances));
}

/**
 * How far a point is from a flow.
 * @param {Point[]} way
 * @param {Point} at
 */
const apart = (way, at) => distance(at, way[nearestPart(way, at)], way[nearestPart(way, at) + 1]);

/**
 * @param {Point} at
 * @param {Point} from
 * @param {Point} to
 */
export function distance(at, from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const share = Math.max(0, Math.min(1, ((at.x - from.x) * dx + (at.y - from.y) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(at.x - from.x - share * dx, at.y - from.y - share * dy);
}
