// The pure parts of the diagram editor.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, isGenerated, isRun, newId, prefixOf } from "../src/editor/dialect_rules.js";
import { flowOrder } from "../src/editor/flow_order.js";

import { readConditions, suggestions, writeConditions } from "../src/editor/conditions.js";
import { lengthOf, lengthWords, rulesIn } from "../src/editor/lengths.js";
import { kindOf, nameOf } from "../src/editor/names.js";
import { beside } from "../src/editor/place.js";
import { unreadable } from "../src/editor/reading.js";
import { instead } from "../src/editor/mends.js";
import { gravest, gravestFirst } from "../src/editor/severity.js";
import { Layout } from "../src/editor/space.js";
import { oneAtATime } from "../src/shared/one_at_a_time.js";
import { translator } from "../src/shared/translations.js";
import { wholeDrawing } from "../src/editor/viewbox.js";

const words = { kind_user_task: "uppgift", kind_exclusive: "vägval", kind_other: "del", unnamed: "{kind} utan namn" };
const step = (id, type = "bpmn:UserTask", more = {}) => ({ id, type, businessObject: {}, incoming: [], outgoing: [], ...more });
const flow = (source, target, type = "bpmn:SequenceFlow") => {
  const made = { type, source, target };
  source.outgoing.push(made);
  target.incoming.push(made);
};
const order = (steps) => flowOrder(steps).map(([{ id }, depth]) => `${id}:${depth}`);

test("steps are listed in the order of the flow, not of the file", () => {
  const [start, first, second] = [step("start", "bpmn:StartEvent"), step("first"), step("second")];
  flow(start, first);
  flow(first, second);
  assert.deepEqual(order([second, first, start]), ["start:0", "first:0", "second:0"]);
});

test("a loop is listed once", () => {
  const [start, task] = [step("start", "bpmn:StartEvent"), step("task")];
  flow(start, task);
  flow(task, start);
  assert.deepEqual(order([task, start]), ["start:0", "task:0"]);
});

test("what is inside a sub-process comes below it, and its boundary event after that", () => {
  const sub = step("sub", "bpmn:SubProcess");
  const inner = step("inner", "bpmn:UserTask", { parent: sub });
  const timer = step("timer", "bpmn:BoundaryEvent");
  const late = step("late");
  sub.attachers = [timer];
  flow(timer, late);
  assert.deepEqual(order([late, timer, inner, sub]), ["sub:0", "inner:1", "timer:0", "late:0"]);
});

test("a message flow leads to no step", () => {
  const [one, two, other] = [step("one", "bpmn:StartEvent"), step("two"), step("other")];
  flow(one, other, "bpmn:MessageFlow");
  flow(one, two);
  assert.deepEqual(order([one, two, other]), ["one:0", "two:0", "other:0"]);
});

test("the gravest findings come first, and each element gets its gravest", () => {
  const findings = [
    { severity: "I", element: "a", code: "3" },
    { severity: "W", element: "b", code: "2" },
    { severity: "E", element: "a", code: "1" },
    { severity: "E", element: "", code: "0" },
  ];
  assert.deepEqual(gravestFirst(findings).map(({ code }) => code), ["1", "0", "2", "3"]);
  assert.deepEqual([...gravest(findings)], [["a", "E"], ["b", "W"]]);
  assert.equal(findings[0].severity, "I");
});

test("a length of time is written in words", () => {
  for (const [text, iso, working] of [
    ["2 days", "P2D", false],
    ["2 dagar", "P2D", false],
    ["3 working days", "P3D", true],
    ["tre arbetsdagar", "P3D", true],
    ["en vecka och 2 dagar", "P9D", false],
    ["1 month", "P1M", false],
    ["6 timmar 30 minuter", "PT6H30M", false],
    ["2dagar", "P2D", false],
  ])
    assert.deepEqual(lengthOf(text), { iso, working }, text);
  for (const text of ["P2D", "=deadline", "två", "2 bananas", "", "days 2"]) assert.equal(lengthOf(text), null, text);
});

test("a length of time is read back in words", () => {
  const words = { "length_D.one": "{n} dag", "length_D.other": "{n} dagar", "length_W.other": "{n} arbetsdagar", "length_H.one": "{n} timme" };
  assert.equal(lengthWords("P2D", words), "2 dagar");
  assert.equal(lengthWords("P1DT1H", words), "1 dag 1 timme");
  assert.equal(lengthWords("P3D", words, true), "3 arbetsdagar");
  assert.equal(lengthWords('=duration("P2D")', words), "2 dagar");
  assert.equal(lengthWords("=deadline", words), "");
});

test("lengths that a rule gives are said with the step that asks it", () => {
  const words = { "length_D.one": "{n} day", "length_W.other": "{n} working days", "length_W.one": "{n} working day", "length_H.other": "{n} hours", length_rule: "{name} comes from {step}: {rows}." };
  /** @type {Record<string, import("../src/types").RuleLengths>} */
  const lengths = { "deadline.counsel": { step: "Set deadlines", rows: [["", "P2D"], ['"URGENT"', "P1D"], ['"ACUTE"', "PT4H"]] } };
  const said = 'deadline.counsel comes from Set deadlines: 2 working days · 1 working day ("URGENT") · 4 hours ("ACUTE").';
  assert.deepEqual(rulesIn("=duration(deadline.counsel)", { words, lengths }, true), [said]);
  assert.deepEqual(rulesIn("=deadline.counsel + deadline.counsel", { words, lengths }, true), [said]);
  assert.deepEqual(rulesIn("=duration(deadline.counselled)", { words, lengths }, true), []);
  assert.deepEqual(rulesIn("P2D", { words, lengths }, true), []);
});

const variables = [
  { name: "riskLevel", kind: "string", values: ["LOW", "HIGH"] },
  { name: "isAdult", kind: "boolean", values: [] },
  { name: "age", kind: "number", values: [] },
  { name: "needs", kind: "list", values: ["HOUSING"] },
  { name: "due", kind: "date", values: [] },
];

test("plain conditions become FEEL and are read back", () => {
  const conditions = {
    join: "and",
    parts: [
      { name: "riskLevel", sign: "!=", value: "LOW" },
      { name: "isAdult", sign: "=", value: "true" },
      { name: "age", sign: ">=", value: "18" },
      { name: "needs", sign: "has", value: "HOUSING" },
      { name: "due", sign: "<", value: "2026-03-01" },
    ],
  };
  const text = 'riskLevel != "LOW" and isAdult = true and age >= 18 and list contains(needs, "HOUSING") and due < date("2026-03-01")';
  assert.equal(writeConditions(conditions, variables), text);
  assert.deepEqual(readConditions(`= ${text}`), conditions);
  assert.deepEqual(readConditions('not(list contains(needs, "HOUSING")) or isAdult'), {
    join: "or",
    parts: [{ name: "needs", sign: "has not", value: "HOUSING" }, { name: "isAdult", sign: "=", value: "true" }],
  });
});

test("a condition that is more than plain is left as it was written", () => {
  for (const text of ["count(needs) > 2", "a = 1 and (b = 2 or c = 3)", "if a then b else c"]) assert.equal(readConditions(text), null, text);
});

test("names that begin with what is typed come first", () => {
  assert.deepEqual(suggestions(variables, "is").map(({ text }) => text), ["isAdult", "riskLevel", 'riskLevel = "LOW"', 'riskLevel = "HIGH"']);
});

test("menus offer what the engine runs", () => {
  for (const entry of ["replace-with-user-task", "replace-with-timer-intermediate-catch", "append-gateway"]) assert.ok(isRun(entry), entry);
  for (const entry of ["replace-with-script-task", "replace-with-signal-start", "replace-with-task", "replace-with-ad-hoc-subprocess"])
    assert.ok(!isRun(entry), entry);
});

test("a service task keeps its job and loses its form", () => {
  assert.ok(fits("bpmn:ServiceTask", "zeebe:TaskDefinition"));
  assert.ok(!fits("bpmn:ServiceTask", "zeebe:FormDefinition"));
  assert.ok(fits("bpmn:ServiceTask", "other:FormDefinition"), "what others put there is kept");
  assert.ok(fits("bpmn:ExclusiveGateway", "zeebe:FormDefinition"), "no rule, no change");
});

test("ids begin with the kind of the element", () => {
  const types = ["bpmn:UserTask", "bpmn:ServiceTask", "bpmn:BusinessRuleTask", "bpmn:EndEvent", "bpmn:BoundaryEvent", "bpmn:ParallelGateway"];
  assert.deepEqual(types.map(prefixOf), ["Task", "Svc", "Rule", "End", "Evt", "Gw"]);
  assert.equal(prefixOf("bpmn:DataObject"), undefined);
});

test("only ids that bpmn-js made up are replaced", () => {
  assert.ok(isGenerated("Activity_0abc123"));
  assert.ok(!isGenerated("Task_ReadableName"));
  assert.ok(!isGenerated("End"));
});

test("a new id has six signs behind its prefix, whatever is drawn", () => {
  for (const random of [0, 0.5, 0.123456789, 0.999999999]) assert.match(newId("End", random), /^End_[0-9a-z]{6}$/);
});

test("an element without a name is called by its kind", () => {
  assert.equal(kindOf(step("x"), words), "uppgift");
  assert.equal(nameOf(step("x"), words), "Uppgift utan namn");
  assert.equal(nameOf(step("x", "bpmn:UserTask", { businessObject: { name: "Granska" } }), words), "Granska");
  assert.equal(kindOf(step("x", "bpmn:Group"), words), "del");
});

test("a text of bpmn-js is said in the reader's language, with its values; an unknown one stays", () => {
  const translate = translator([{ lane: "Lane {n}", end: "End" }, { lane: "Bana {n}", end: "Slut" }]);
  assert.equal(translate("Lane {n}", { n: 2 }), "Bana 2");
  assert.equal(translate("End"), "Slut");
  assert.equal(translate("Something {else}"), "Something {else}");
});

test("a word for engineers is said in plain words, in English too", () => {
  const translate = translator([{ value: "Value" }, { value: "Value" }], { string: "text" });
  assert.equal(translate("string"), "text");
  assert.equal(translate("Value"), "Value");
});

test("the whole drawing fits, is not under the palette, and is not enlarged", () => {
  const outer = { width: 1000, height: 500 };
  for (const inner of [{ x: -50, y: 20, width: 3000, height: 900 }, { x: 0, y: 0, width: 100, height: 100 }]) {
    const box = wholeDrawing(inner, outer);
    const scale = outer.width / box.width;
    assert.ok(scale <= 1);
    assert.ok((inner.x - box.x) * scale >= 120 + 12 - 1e-6, "right of the palette");
    assert.ok(inner.x + inner.width <= box.x + box.width + 1e-6);
    assert.ok(inner.y >= box.y && inner.y + inner.height <= box.y + box.height);
  }
});

test("on a narrow canvas the palette takes no room", () => {
  const inner = { x: 0, y: 0, width: 400, height: 100 };
  assert.ok(Math.abs(wholeDrawing(inner, { width: 200, height: 200 }).x + 12 / (176 / 400)) < 1e-6);
});

test("parts that cannot be read are named, each once", () => {
  const warnings = ["unparsable content <bpmn:magicTask> detected\n\tline: 3", "unparsable content <bpmn:magicTask> detected", "unresolved reference <x>"];
  assert.deepEqual(unreadable(warnings), ["bpmn:magicTask"]);
});

test("what could stand in a field instead is a length of time, or the known name", () => {
  const field = (value, shape = "text") => ({ word: "", shape, read: () => value, write: () => {} });
  assert.equal(instead({}, field("2 days", "time")), "P2D");
  assert.equal(instead({}, field("whenever", "time")), "");
  assert.equal(instead({ near: "letters.notify_iom" }, field("letters.notify")), "letters.notify_iom");
  assert.equal(instead({ name: "riskLevl", near: "riskLevel" }, field('=riskLevl = "HIGH" and riskLevl2 = 1', "feel")), '=riskLevel = "HIGH" and riskLevl2 = 1');
  assert.equal(instead({ name: "hidden", near: "other" }, field("=nothing of it", "feel")), "");
  assert.equal(instead({ name: "a", near: "b" }, field([["x", "y"]], "pairs")), "");
});

test("what is drawn while a saving runs is saved when that has ended", async () => {
  let drawn = "first";
  const kept = [];
  const ends = [];
  const { save, busy } = oneAtATime(() => {
    kept.push(drawn);
    return new Promise((resolve) => {
      ends.push(resolve);
    });
  });
  const first = save();
  drawn = "second";
  const again = save();
  assert.deepEqual([kept, busy()], [["first"], true]);
  ends[0]();
  await first;
  await Promise.resolve();
  assert.deepEqual(kept, ["first", "second"]);
  ends[1]();
  await again;
  assert.equal(busy(), false);
});

const drawn = (id, type, [x, y, width, height], more = {}) => ({ id, type, x, y, width, height, ...more });
const line = (id, source, target, ...waypoints) => ({ id, type: "bpmn:SequenceFlow", source, target, waypoints: waypoints.map(([x, y]) => ({ x, y })) });

test("words of an event go out of the way of a step that comes to lie where they are", () => {
  const task = drawn("task", "bpmn:UserTask", [100, 90, 100, 80]);
  const event = drawn("event", "bpmn:BoundaryEvent", [170, 152, 36, 36], { host: task });
  const words = drawn("words", "bpmn:BoundaryEvent", [210, 170, 60, 28], { labelTarget: event });
  const gateway = drawn("gateway", "bpmn:ExclusiveGateway", [220, 105, 50, 50]);
  const made = new Layout([task, event, words, gateway]).shifted("y", 100, 40);
  assert.deepEqual([made.box(task).y, made.box(gateway).y], [90, 145]);
  assert.ok(made.clear(words, made.box(words)), JSON.stringify(made.box(words)));
});

test("words of a flow go out of the way of another flow that comes to run where they are", () => {
  const [one, two] = [drawn("one", "bpmn:UserTask", [-200, 0, 100, 80]), drawn("two", "bpmn:UserTask", [300, 0, 100, 80])];
  const [high, low] = [drawn("high", "bpmn:UserTask", [90, -200, 100, 80]), drawn("low", "bpmn:UserTask", [90, 200, 100, 80])];
  const named = line("named", one, two, [-100, 40], [300, 40]);
  const upright = line("upright", high, low, [140, -120], [140, 200]);
  const words = drawn("words", "bpmn:SequenceFlow", [72, 20, 60, 14], { labelTarget: named });
  const made = new Layout([one, two, high, low, named, upright, words]).shifted("x", 100, 40);
  assert.equal(made.way(upright)[0].x, 140);
  const { x, width } = made.box(words);
  assert.ok(x + width <= 140 || x >= 140, JSON.stringify(made.box(words)));
});

test("words of a flow stay where they are when the flow does", () => {
  const [one, two] = [drawn("one", "bpmn:UserTask", [0, 0, 100, 80]), drawn("two", "bpmn:UserTask", [200, 300, 100, 80])];
  const far = drawn("far", "bpmn:UserTask", [500, 0, 100, 80]);
  const named = line("named", one, two, [50, 80], [50, 340], [200, 340]);
  const words = drawn("words", "bpmn:SequenceFlow", [-40, 200, 80, 14], { labelTarget: named });
  const made = new Layout([one, two, far, named, words]).shifted("x", 450, 90);
  assert.deepEqual([made.box(far).x, made.box(words).x], [590, -40]);
});

test("the way to a new step beside a gateway runs on no flow that leads to the gateway", () => {
  const gateway = drawn("gateway", "bpmn:ExclusiveGateway", [100, 200, 50, 50]);
  const [above, next] = [drawn("above", "bpmn:UserTask", [75, 0, 100, 80]), drawn("next", "bpmn:UserTask", [200, 195, 100, 80])];
  const flows = [line("in", above, gateway, [125, 80], [125, 200]), line("out", gateway, next, [150, 225], [200, 225])];
  const place = beside(new Layout([gateway, above, next, ...flows]), gateway, { width: 36, height: 36 });
  assert.ok(place.box.y > 225, JSON.stringify(place.box));
});
