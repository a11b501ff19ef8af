// The pure parts of the diagram viewer and of replay.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, nextOfPerson, positions, roundsOf } from "../src/diagram/history.js";
import { inOrder, pointOn, endGlide, glide } from "../src/diagram/motion.js";
import { boxOf, READABLE, readableFrame } from "../src/shared/frames.js";
import { statesOf, stepToSee, wholeMoments } from "../src/diagram/states.js";

test("what is done grows from revision to revision; what is open is of its revision alone", () => {
  const moments = wholeMoments({
    10: { done: [["c", 1]], tokens: [["d", "active", 1]] },
    2: { done: [["a", 1]], tokens: [["b", "active", 1]] },
    3: { done: [["a", 2], ["b", 1]], tokens: [] },
  });
  assert.deepEqual([...moments.keys()], [2, 3, 10]);
  assert.deepEqual([...moments.get(3).done], [["a", 2], ["b", 1]]);
  assert.deepEqual([...moments.get(10).done], [["a", 2], ["b", 1], ["c", 1]]);
  assert.deepEqual(moments.get(10).tokens, [["d", "active", 1]]);
});

test("a task that is open is seen before a clock that runs beside it, and neither is its frame", () => {
  const tokens = [["clock", "waiting", 1], ["frame", "overdue", 1], ["task", "active", 1], ["other", "active", 1]];
  const states = statesOf({ done: [["start", 1]], tokens });
  assert.equal(stepToSee(states, (id) => id === "frame"), "task");
  assert.equal(stepToSee(statesOf({ done: [["start", 1]], tokens: [] }), () => false), undefined);
});

test("an element has its gravest state, and counts how often it was passed", () => {
  const states = statesOf({
    done: [["a", 3], ["b", 1]],
    tokens: [["a", "active", 1], ["c", "incident", 1], ["c", "waiting", 2]],
  });
  assert.deepEqual(states.get("a"), { state: "active", times: 3 });
  assert.deepEqual(states.get("b"), { state: "done", times: 1 });
  assert.deepEqual(states.get("c"), { state: "incident", times: 1 });
});

test("before the first revision nothing has a state", () => {
  assert.equal(statesOf(undefined).size, 0);
});

test("the next entry of a person passes over what the system did", () => {
  const steps = ["person", "automatic", "timer", "person", "line"].map((who) => ({ who }));
  assert.equal(nextOfPerson(steps, 0, 1), 3);
  assert.equal(nextOfPerson(steps, 3, -1), 0);
  assert.equal(nextOfPerson(steps, 3, 1), 5, "beyond the end, where replay stops at the last");
});

test("a frame is shown whole where its words can be read so, else from its left", () => {
  const outer = { width: 900, height: 600 };
  const small = readableFrame({ x: 100, y: 50, width: 400, height: 200 }, outer);
  assert.ok(outer.width / small.width <= 1.2, "not larger than life");
  assert.ok(small.x < 100 && small.x + small.width > 500 && small.y < 50 && small.y + small.height > 250);
  const large = readableFrame({ x: 100, y: 50, width: 4000, height: 2000 }, outer);
  assert.ok(outer.width / large.width >= READABLE);
  assert.ok(large.x < 100 && large.x > 60 && large.y < 50 && large.y > 10);
});

test("a line lies around its points, a step where it is drawn", () => {
  assert.deepEqual(boxOf({ waypoints: [{ x: 10, y: 40 }, { x: 30, y: 40 }, { x: 30, y: 5 }] }), { x: 10, y: 5, width: 20, height: 35 });
  assert.deepEqual(boxOf({ x: 1, y: 2, width: 3, height: 4 }), { x: 1, y: 2, width: 3, height: 4 });
});

test("what a person corrected was done by a person too", () => {
  const steps = ["line", "automatic", "correction"].map((who) => ({ who }));
  assert.equal(nextOfPerson(steps, 0, 1), 2);
});

test("the rounds of a step are the lines that did the same at the same place, on this page or another", () => {
  const rounds = { "complete/a": [1, 4, 900] };
  assert.deepEqual(roundsOf(rounds, { n: 4, element: "a", kind: "complete", fact: true }), [1, 4, 900]);
  assert.deepEqual(roundsOf(rounds, { n: 2, element: "a", kind: "claim" }), [], "a claim is no round");
  assert.deepEqual(roundsOf(rounds, { n: 3, element: "b", kind: "complete", fact: true }), [3]);
});

test("marks stand at even distances or at their time, and the nearest one is found", () => {
  const steps = ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-11T00:00:00Z"].map((at) => ({ at }));
  assert.deepEqual(positions(steps, false), [0, 0.5, 1]);
  assert.deepEqual(positions(steps, true), [0, 0.1, 1]);
  assert.equal(nearest([0, 0.1, 1], 0.5), 1);
  assert.equal(nearest([0, 0.1, 1], 0.6), 2);
  assert.deepEqual(positions(steps.slice(0, 1), true), [0], "one line has no length");
});

test("tokens take the ways in the order in which they lead on", () => {
  const ways = [
    { id: "second", source: "b", target: "c" },
    { id: "first", source: "a", target: "b" },
    { id: "other", source: "x", target: "y" },
  ];
  assert.deepEqual(inOrder(ways), [["first", "other"], ["second"]]);
  const circle = [{ id: "there", source: "a", target: "b" }, { id: "back", source: "b", target: "a" }];
  assert.deepEqual(inOrder(circle), [["there", "back"]], "a circle has no first one");
  assert.deepEqual(inOrder([]), []);
});

test("a token is on the piece of the way that it has come to", () => {
  const way = [{ x: 0, y: 0 }, { x: 30, y: 0 }, { x: 30, y: 10 }];
  assert.deepEqual(pointOn(way, 0), { x: 0, y: 0 });
  assert.deepEqual(pointOn(way, 0.5), { x: 20, y: 0 });
  assert.deepEqual(pointOn(way, 1), { x: 30, y: 10 });
});

test("a drawing that is taken off the page mid-way stands where it was going to", () => {
  /** @type {((now: number) => void)[]} */
  let frames = [];
  const was = { matchMedia: globalThis.matchMedia, requestAnimationFrame: globalThis.requestAnimationFrame, cancelAnimationFrame: globalThis.cancelAnimationFrame };
  Object.assign(globalThis, {
    matchMedia: () => ({ matches: false }),
    requestAnimationFrame: (/** @type {(now: number) => void} */ step) => frames.push(step),
    cancelAnimationFrame: () => (frames = []),
  });
  let box = { x: 0, y: 0, width: 100, height: 100 };
  const canvas = {
    getRootElement: () => "plane",
    findRoot: () => "plane",
    /** @param {typeof box} [to] */
    viewbox: (to) => {
      if (to) box = to;
      return { ...box, outer: { width: 100, height: 100 }, scale: 1 };
    },
  };
  const element = /** @type {any} */ ({ x: 400, y: 300, width: 100, height: 80 });
  glide(() => canvas, element, 300);
  frames[0](performance.now() + 10);
  assert.ok(box.x < 400);
  endGlide();
  assert.deepEqual([box.x, box.y, frames.length], [400, 290, 0]);
  box.x = 7;
  endGlide();
  assert.equal(box.x, 7);
  Object.assign(globalThis, was);
});
