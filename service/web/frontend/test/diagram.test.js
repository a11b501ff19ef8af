// The pure parts of the diagram viewer and of replay.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOfPerson } from "../src/diagram/history.js";
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
