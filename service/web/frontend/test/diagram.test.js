// The pure parts of the diagram viewer and of replay.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOfPerson } from "../src/diagram/history.js";
import { boxOf, READABLE, readableFrame } from "../src/shared/frames.js";
import { statesOf, wholeMoments } from "../src/diagram/states.js";

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
