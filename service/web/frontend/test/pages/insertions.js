// Puts a step of each kind at each place of a drawing and takes it back, in a page of its own; tells what came to lie where it should not.
import Modeler from "bpmn-js/lib/Modeler";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { clean, ids, menus } from "../../src/editor/dialect.js";
import { lanes } from "../../src/editor/lanes.js";
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
  const [cx, cy] = [label.x + label.width / 2, label.y + label.height / 2];
  return Math.round(Math.min(...waypoints.slice(1).map((to, index) => {
    const from = waypoints[index];
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const t = Math.max(0, Math.min(1, ((cx - from.x) * dx + (cy - from.y) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(cx - from.x - t * dx, cy - from.y - t * dy);
  })));
}
const diagonal = (registry) => registry.filter(({ waypoints }) => waypoints?.slice(1).some((to, index) => Math.abs(to.x - waypoints[index].x) > 1 && Math.abs(to.y - waypoints[index].y) > 1)).map(({ id }) => id);

export async function insertions(xml, only = "") {
  const container = Object.assign(document.createElement("div"), { id: "drawing" });
  container.style.cssText = "width: 1200px; height: 800px";
  document.body.replaceChildren(container);
  const modeler = new Modeler({ container, moddleExtensions: { zeebe }, additionalModules: [menus, clean, ids, lanes, stepAdder] });
  await modeler.importXML(xml);
  const [registry, canvas, stack, adder, factory] = ["elementRegistry", "canvas", "commandStack", "tresteg-step-adder", "elementFactory"].map((name) => modeler.get(name));
  const state = () => ({ overlaps: overlaps(registry, canvas), outside: contained(registry), hosts: hosts(registry), lanes: lanesOf(registry), gaps: labelGaps(registry), diagonal: diagonal(registry) });
  const faults = [];
  const drawings = [];
  const steps = registry.filter((one) => one.businessObject.$instanceOf?.("bpmn:FlowNode") && one.parent && !one.labelTarget && (!only || one.id === only)).map(({ id }) => id);
  let count = 0;
  const before = state();
  for (const id of steps)
    for (const type of KINDS)
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
window.insertions = insertions;
