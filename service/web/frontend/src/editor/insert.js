// @ts-check
// Puts a new step into the drawing, as one command: one undo takes it back with all that moved.
import { beside, labelPlace, onFlow } from "./place.js";
import { isFrame, Layout } from "./space.js";
import { swap } from "./swap.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("./place.js").Place} Place */
/** @typedef {{shape: DiagramElement, after: DiagramElement, flow?: DiagramElement}} Wish */

const STILL = { autoResize: false, attachSupport: false, layout: false, recurse: false };

class AddStep {
  /**
   * @param {any} modeling a service of bpmn-js; they carry no types of their own
   * @param {any} elementRegistry
   * @param {any} canvas
   */
  constructor(modeling, elementRegistry, canvas) {
    this.modeling = modeling;
    this.registry = elementRegistry;
    this.canvas = canvas;
  }

  /** @param {Wish & {made?: DiagramElement}} wish */
  preExecute(wish) {
    const { shape, after, flow } = wish;
    const layout = this.layoutOf(after);
    const place = (flow && onFlow(layout, flow, shape)) ?? beside(layout, after, shape);
    this.makeRoom(place.layout);
    const { x, y, width, height } = place.box;
    wish.made = this.modeling.createShape(shape, { x: x + width / 2, y: y + height / 2 }, after.parent, STILL);
    if (flow) this.split(flow, /** @type {DiagramElement} */ (wish.made), place);
    else this.modeling.connect(after, wish.made, { type: "bpmn:SequenceFlow" });
  }

  /** @param {DiagramElement} step */
  layoutOf(step) {
    const root = this.canvas.findRoot(step);
    return new Layout(this.registry.filter((/** @type {DiagramElement} */ one) => one.parent && this.canvas.findRoot(one) === root));
  }

  /** @param {import("./space.js").Layout} layout where everything is to lie */
  makeRoom(layout) {
    for (const [shape, { x, y, width, height }] of layout.boxes) {
      if (isFrame(shape) && (width !== shape.width || height !== shape.height)) this.modeling.resizeShape(shape, { x, y, width, height }, undefined, STILL);
      else if (x !== shape.x || y !== shape.y) this.modeling.moveShape(shape, { x: x - shape.x, y: y - shape.y }, undefined, STILL);
    }
    for (const [flow, way] of layout.ways) this.draw(flow, way);
  }

  /**
   * @param {DiagramElement} flow
   * @param {{x: number, y: number}[]} way
   */
  draw(flow, way) {
    const before = /** @type {{x: number, y: number}[]} */ (flow.waypoints);
    const same = before.length === way.length && before.every(({ x, y }, index) => x === way[index].x && y === way[index].y);
    if (!same) this.modeling.updateWaypoints(flow, way, { labelBehavior: false });
  }

  /**
   * The flow keeps its name and condition, and leads to the new step; a new one leads on from there.
   * @param {DiagramElement} flow
   * @param {DiagramElement} made
   * @param {Place} place
   */
  split(flow, made, place) {
    const { first, second } = place;
    const { target, label } = flow;
    const at = labelPlace(place, flow) ?? (label && { x: label.x, y: label.y });
    this.modeling.reconnectEnd(flow, made, { x: made.x, y: made.y + made.height / 2 });
    const next = this.modeling.connect(made, target, { type: "bpmn:SequenceFlow" });
    if (!first || !second) return;
    this.draw(flow, first);
    this.draw(next, second);
    if (label && at) this.modeling.moveShape(label, { x: at.x - label.x, y: at.y - label.y }, undefined, STILL);
  }
}
AddStep.$inject = ["modeling", "elementRegistry", "canvas"];

class SwapSteps {
  /** @param {any} modeling */
  constructor(modeling) {
    this.modeling = modeling;
  }

  /** @param {{first: DiagramElement, second: DiagramElement}} context */
  preExecute({ first, second }) {
    swap(this.modeling, first, second);
  }
}
SwapSteps.$inject = ["modeling"];

class StepAdder {
  /** @param {any} commandStack */
  constructor(commandStack) {
    commandStack.registerHandler("tresteg.step.add", AddStep);
    commandStack.registerHandler("tresteg.step.swap", SwapSteps);
    this.commandStack = commandStack;
  }

  /**
   * @param {DiagramElement} first
   * @param {DiagramElement} second which follows it
   */
  swap(first, second) {
    this.commandStack.execute("tresteg.step.swap", { first, second });
  }

  /**
   * Adds a step after another: into one of its flows, or at the end of a new one.
   * @param {Wish} wish
   * @returns {DiagramElement}
   */
  add(wish) {
    /** @type {Wish & {made?: DiagramElement}} */
    const context = { ...wish };
    this.commandStack.execute("tresteg.step.add", context);
    return /** @type {DiagramElement} */ (context.made);
  }
}
StepAdder.$inject = ["commandStack"];
export const stepAdder = { "tresteg-step-adder": ["type", StepAdder] };
