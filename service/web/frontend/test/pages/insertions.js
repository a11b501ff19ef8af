// Puts a step of each kind at each place of a drawing and takes it back, in a page of its own; tells what came to lie where it should not.
import Modeler from "bpmn-js/lib/Modeler";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { clean, ids, menus } from "../../src/editor/dialect.js";
import { stepAdder } from "../../src/editor/insert.js";
import { isFrame } from "../../src/editor/space.js";
import { placesAfter } from "../../src/editor/step_tools.js";

const KINDS = ["bpmn:UserTask", "bpmn:ServiceTask", "bpmn:BusinessRuleTask", "bpmn:ExclusiveGateway", "bpmn:ParallelGateway", "bpmn:EndEvent"];
const LABELLED = { label: true };

const meet = (a, b) => a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 1 && b.y < a.y + a.height - 1;
const key = (a, b) => [a.id, b.id].sort().join(" on ");

// Pairs of shapes that lie on each other; a border event lies on its host, and everything inside its frames.
function overlaps(registry, canvas) {
  const planes = new Map();
  for (const shape of registry.filter((one) => one.parent && !one.waypoints)) {
    const root = canvas.findRoot(shape);
    planes.set(root, [...(planes.get(root) ?? []), shape]);
  }
  const found = new Map();
  for (const shapes of planes.values()) {
    const solid = shapes.filter((one) => !isFrame(one));
    solid.forEach((a, index) => solid.slice(index + 1).forEach((b) => {
      const [x, y] = [a.labelTarget ?? a, b.labelTarget ?? b];
      if (a.host === b || b.host === a || x === y || (x.host && x.host === y.host) || x.host === b || y.host === a) return;
      if (meet(a, b)) found.set(key(a, b), a.labelTarget || b.labelTarget ? LABELLED : {});
    }));
  }
  return found;
}

const contained = (registry) =>
  registry.filter((one) => one.parent && !one.waypoints && !one.labelTarget && !one.host && isFrame(one.parent) && one.type !== "bpmn:Lane" && one.parent.type !== "bpmn:Group").filter((one) => {
    const p = one.parent;
    return one.x < p.x || one.y < p.y || one.x + one.width > p.x + p.width || one.y + one.height > p.y + p.height;
  }).map(({ id }) => id);

const hosts = (registry) => Object.fromEntries(registry.filter(({ host }) => host).map(({ id, host }) => [id, host.id]));
const lanesOf = (registry) => Object.fromEntries(registry.filter((one) => one.businessObject?.lanes?.length).map(({ id, businessObject }) => [id, [...new Set(businessObject.lanes.map((lane) => lane.id))].join()]));
const labelGaps = (registry) => Object.fromEntries(registry.filter(({ labelTarget }) => labelTarget?.waypoints).map((label) => [label.labelTarget.id, gap(label, label.labelTarget)]));

// How far a label is from its flow.
function gap(label, { waypoints }) {
  return Math.round(Math.min(...waypoints.slice(1).map((to, index) => {
    const from = waypoints[index];
    const [left, right, top, bottom] = [Math.min(from.x, to.x), Math.max(from.x, to.x), Math.min(from.y, to.y), Math.max(from.y, to.y)];
    return Math.hypot(Math.max(0, left - label.x - label.width, label.x - right), Math.max(0, top - label.y - label.height, label.y - bottom));
  })));
}
const diagonal = (registry) => registry.filter(({ waypoints }) => waypoints?.slice(1).some((to, index) => Math.abs(to.x - waypoints[index].x) > 1 && Math.abs(to.y - waypoints[index].y) > 1)).map(({ id }) => id);

async function opened(xml) {
  const container = Object.assign(document.createElement("div"), { id: "drawing" });
  container.style.cssText = "width: 1200px; height: 800px";
  document.body.replaceChildren(container);
  const modeler = new Modeler({ container, moddleExtensions: { zeebe }, additionalModules: [menus, clean, ids, stepAdder] });
  await modeler.importXML(xml);
  return modeler;
}

// A step is dropped on each border of each frame, into the frame, as the mouse does it.
export async function drops(xml) {
  const modeler = await opened(xml);
  const [registry, stack, modeling, factory] = ["elementRegistry", "commandStack", "modeling", "elementFactory"].map((name) => modeler.get(name));
  const frames = registry.filter((one) => one.parent && isFrame(one) && one.type !== "bpmn:Lane" && one.type !== "bpmn:Group").map(({ id }) => id);
  const before = hosts(registry);
  const off = () => registry.filter(({ host }) => host).filter(({ x, y, width, height, host }) => {
    const [cx, cy] = [x + width / 2, y + height / 2];
    const edge = Math.min(Math.abs(cx - host.x), Math.abs(cx - host.x - host.width), Math.abs(cy - host.y), Math.abs(cy - host.y - host.height));
    return edge > 2 || cx < host.x - 2 || cy < host.y - 2 || cx > host.x + host.width + 2 || cy > host.y + host.height + 2;
  }).map(({ id }) => id);
  const faults = [];
  let count = 0;
  for (const id of frames)
    for (const [side, across] of [["top", 0], ["bottom", 0], ["left", 0], ["right", 0], ...(registry.get(id).attachers ?? []).map((event) => [event.id, 1])]) {
      const frame = registry.get(id);
      const event = across && registry.get(side);
      const at = event ? { x: event.x + event.width / 2, y: event.y - 10 } : { x: side === "left" ? frame.x + 10 : side === "right" ? frame.x + frame.width - 10 : frame.x + frame.width / 2, y: side === "top" ? frame.y + 10 : side === "bottom" ? frame.y + frame.height - 10 : frame.y + frame.height / 2 };
      const size = [frame.width, frame.height].join();
      const made = modeling.createElements([factory.createShape({ type: "bpmn:UserTask" })], at, frame)[0];
      const after = hosts(registry);
      for (const [one, host] of Object.entries(before)) if (after[one] !== host) faults.push(`${side} of ${id}: ${one} is on ${after[one]}, was on ${host}`);
      for (const one of off()) faults.push(`${side} of ${id}: ${one} is off its host`);
      if (made.parent === frame && (made.x < frame.x || made.y < frame.y || made.x + made.width > frame.x + frame.width || made.y + made.height > frame.y + frame.height)) faults.push(`${side} of ${id} (${size}): it did not grow around ${made.id}`);
      count += 1;
      stack.undo();
    }
  modeler.destroy();
  return { count, faults };
}

// in turn: one kind after each step, another after the next; else all kinds after each.
export async function insertions(xml, kinds = KINDS, inTurn = false) {
  const modeler = await opened(xml);
  const [registry, canvas, stack, adder, factory] = ["elementRegistry", "canvas", "commandStack", "tresteg-step-adder", "elementFactory"].map((name) => modeler.get(name));
  const state = () => ({ overlaps: overlaps(registry, canvas), outside: contained(registry), hosts: hosts(registry), lanes: lanesOf(registry), gaps: labelGaps(registry), diagonal: diagonal(registry) });
  const faults = [];
  const drawings = [];
  const steps = registry.filter((one) => one.businessObject.$instanceOf?.("bpmn:FlowNode") && one.parent && !one.labelTarget).map(({ id }) => id);
  let count = 0;
  const before = state();
  for (const [turn, id] of steps.entries())
    for (const type of inTurn ? [kinds[turn % kinds.length]] : kinds)
      for (const [n, place] of placesAfter(registry.get(id), type).entries()) {
        const what = `${type.slice(5)} after ${id}${place ? ` on ${place.id}` : ""}`;
        const made = adder.add({ shape: factory.createShape({ type }), after: registry.get(id), flow: place ?? undefined });
        const after = state();
        for (const [pair] of after.overlaps) if (!before.overlaps.has(pair)) faults.push(`${what}: ${pair}`);
        for (const one of after.outside) if (!before.outside.includes(one)) faults.push(`${what}: ${one} outside`);
        for (const one of after.diagonal) if (!before.diagonal.includes(one)) faults.push(`${what}: ${one} slants`);
        for (const [event, host] of Object.entries(before.hosts)) if (after.hosts[event] !== host) faults.push(`${what}: ${event} is on ${after.hosts[event]}`);
        for (const [one, lane] of Object.entries(before.lanes)) if (after.lanes[one] !== lane) faults.push(`${what}: ${one} is in ${after.lanes[one]}, was in ${lane}`);
        for (const [one, was] of Object.entries(before.gaps)) if (after.gaps[one] > Math.max(was + 5, 45)) faults.push(`${what}: label of ${one} is ${after.gaps[one]} away, was ${was}`);
        if (type === "bpmn:UserTask" && n === 0 && (registry.get(id).businessObject.lanes ?? []).length && !(made.businessObject.lanes ?? []).length) faults.push(`${what}: in no lane`);
        if (n === 0) drawings.push([what, (await modeler.saveXML()).xml]);
        count += 1;
        stack.undo();
      }
  const left = state();
  if (JSON.stringify([left.outside, left.hosts, left.lanes, left.gaps]) !== JSON.stringify([before.outside, before.hosts, before.lanes, before.gaps])) faults.push(`an undo left something behind: ${[left, before].map((one) => JSON.stringify([one.outside, one.hosts, one.lanes]).length)} ${Object.entries(before.gaps).filter(([id, g]) => left.gaps[id] !== g)} ${Object.entries(before.lanes).filter(([id, g]) => left.lanes[id] !== g)}`);
  modeler.destroy();
  return { count, faults, drawings };
}
Object.assign(window, { insertions, drops });
