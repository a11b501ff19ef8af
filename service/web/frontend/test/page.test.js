// The pure parts of the scripts of every page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { refusedFile } from "../src/page/file_sizes.js";
import { matching } from "../src/page/matching.js";
import { nextPath, renumbered } from "../src/page/row_paths.js";
import { dayOf, isoOf, later, monthRows } from "../src/page/days.js";
import { fill } from "../src/shared/text.js";

test("values are put into a sentence, and what has no value stays", () => {
  assert.equal(fill("Sparat {time} av {who}", { time: "14:02" }), "Sparat 14:02 av {who}");
  assert.equal(fill("{n} av {n}", { n: 0 }), "0 av 0");
});

test("a new row is numbered above the highest, not into a gap", () => {
  assert.equal(nextPath("costs", ["costs.0", "costs.7", "costs.3"]), "costs.8");
});

test("names of a copied row begin with the new path", () => {
  assert.equal(renumbered("name", "costs.1.amount", "costs.1", "costs.2"), "costs.2.amount");
  assert.equal(renumbered("value", "remove:costs.1", "costs.1", "costs.2"), "remove:costs.2");
  assert.equal(renumbered("value", "Biljett", "costs.1", "costs.2"), "Biljett");
});

test("ids of a copied row, and every one that points at them, have dashes", () => {
  const described = "f-costs-1-amount-help f-costs-1-amount-fault";
  const expected = "f-costs-2-amount-help f-costs-2-amount-fault";
  assert.equal(renumbered("aria-describedby", described, "costs.1", "costs.2"), expected);
  assert.equal(renumbered("class", "f-costs-1", "costs.1", "costs.2"), "f-costs-1");
});

test("a file that is empty or too large is not chosen, nor files that are together", () => {
  const mib = 1024 * 1024;
  const file = (/** @type {number} */ size) => ({ name: "x.pdf", size });
  assert.equal(refusedFile([file(20 * mib)], 20, 0), undefined);
  assert.equal(refusedFile([file(1), file(0)], 20, 0)?.key, "file_empty");
  assert.deepEqual(refusedFile([file(20 * mib + 1)], 20, 0)?.facts, { name: "x.pdf", size: 21, most: 20 });
  assert.equal(refusedFile([file(20 * mib)], 20, 40 * mib + 1)?.key, "files_large");
});

const LANGUAGES = ["", "svenska", "afrikaans", "fransk kreol", "bulgariska", "võro"].map((label) => ({ value: label, label, group: "" }));
const names = (typed) => matching(LANGUAGES, typed).map((one) => one.label);

test("a list is searched in any place, and names that begin with the text come first", () => {
  assert.deepEqual(names("fr"), ["fransk kreol", "afrikaans"]);
  assert.deepEqual(names("SKA"), ["svenska", "bulgariska"]);
});

test("accents and what stands around the text do not matter in a search", () => {
  assert.deepEqual(names(" voro "), ["võro"]);
  assert.deepEqual(names("klingonska"), []);
});

test("a month later is never a day too far", () => {
  assert.equal(isoOf(later(dayOf("2026-01-31"), 0, 1)), "2026-02-28");
  assert.equal(isoOf(later(dayOf("2026-03-31"), 0, -1)), "2026-02-28");
  assert.equal(isoOf(later(dayOf("2026-12-31"), 1)), "2027-01-01");
});

test("a month is shown in whole weeks from Monday", () => {
  assert.deepEqual(monthRows(dayOf("2026-02-11")).map((week) => isoOf(week[0])), ["2026-01-26", "2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23"]);
  assert.equal(monthRows(dayOf("2026-11-01")).length, 6);
  assert.equal(isoOf(monthRows(dayOf("2027-02-01"))[3][6]), "2027-02-28");
});
