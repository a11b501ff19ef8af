// @ts-check
// The rule editor: dmn-js with a decision table, findings beside it, and a form that tries the rule. The server checks and keeps.
import { draft } from "./editor/draft.js";
import { labelCells } from "./rules/labels.js";
import { marks } from "./rules/marks.js";
import { problems } from "./rules/problems.js";
import { rowActions } from "./rules/rows.js";
import { drawTable, placesOf } from "./rules/table.js";
import { trial } from "./rules/trial.js";
import { all, byId, closest, one, pageData } from "./shared/dom.js";
import { stampStyles } from "./shared/nonce.js";
import { translations } from "./shared/translations.js";

const data = /** @type {import("./types").RuleData} */ (pageData("rule-data"));
stampStyles(data.nonce);

const place = byId("rule");
const drawn = document.createElement("div");
drawn.className = "t-rule__drawn";
place.append(drawn);
const response = await fetch(data.xml);
const manager = await drawTable(drawn, await response.text(), data, translations(data.dmn, data.terms));
if (manager) edit(manager);
else {
  drawn.remove();
  one(document, "[data-unreadable]").hidden = false;
  trial({ words: data.words, row: data.row }, async () => true, () => undefined);
}
document.documentElement.dataset.ready = "rules";

/** @param {NonNullable<Awaited<ReturnType<typeof drawTable>>>} made */
function edit(made) {
  const viewer = made.getActiveViewer();
  /** @type {import("./rules/table.js").Services} */
  const service = (name) => viewer.get(name);
  const places = () => placesOf(service);
  all(place, ".t-rule-table").forEach((table) => table.remove());
  place.setAttribute("aria-label", data.words.table);
  place.removeAttribute("aria-labelledby");
  const relabel = labelCells(drawn, places, { ...data.words, row: data.row });
  const marked = marks(places);
  const list = problems(data, { mark: marked.faults, show: (row, column) => show(places(), row, column) });
  const saver = draft({ saveXML: (options) => made.saveXML(options), on: (event, act) => viewer.on(event, act) }, data, list);
  trial({ words: data.words, row: data.row }, saver.save, marked.fired);
  const rows = data.edit ? rowActions(service, place, data.words) : {};
  /** @type {Record<string, () => unknown>} */
  const actions = { ...rows, undo: () => service("commandStack").undo(), redo: () => service("commandStack").redo(), save: () => saver.save() };
  const tools = one(document, "[data-tools]");
  tools.hidden = false;
  tools.addEventListener("click", (event) => actions[closest(event, "[data-do]")?.dataset.do ?? ""]?.());
  viewer.on("commandStack.changed", () => {
    marked.fired([]);
    requestAnimationFrame(relabel);
  });
}

/**
 * Brings a cell, or the heading of a column where there is no row, into view and under the keyboard.
 * @param {ReturnType<typeof placesOf>} at
 * @param {number} row
 * @param {number} column
 */
function show(at, row, column) {
  const id = row ? (at.cell(row, column) ?? at.rows[row - 1]) : at.columns[column - 1];
  const cell = id && all(drawn, `[data-element-id="${CSS.escape(id)}"]`)[0];
  if (!cell) return;
  cell.scrollIntoView({ block: "center", inline: "center" });
  (all(cell, "[contenteditable], button, [tabindex]")[0] ?? cell).focus();
}
