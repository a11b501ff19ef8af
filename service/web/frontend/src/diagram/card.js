// @ts-check
// The card of a replay: what one line says, and the table of the rule that answered. It says the same as audit/event_card.html.
import { all, one } from "../shared/dom.js";
import { fill } from "../shared/text.js";

/** @typedef {import("../types").HistoryStep} HistoryStep */
/** @typedef {import("../types").Words} Words */

/**
 * @param {string} tag
 * @param {string | undefined} text
 * @param {string} [className]
 */
export const made = (tag, text = "", className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

/** @param {[label: string, text: string][]} pairs */
const list = (pairs) => pairs.flatMap(([label, text]) => [made("dt", label), made("dd", text)]);

/**
 * Writes a line onto the card.
 * @param {HTMLElement} card
 * @param {HistoryStep} step
 * @param {import("../types").ReplayData} data
 * @param {Words} words
 * @param {{count: {n: number, of: number}, rounds: {text: string, at: number, now: boolean}[], address: string}} about
 */
export function writeCard(card, step, data, words, about) {
  /** @param {string} name */
  const part = (name) => one(card, `[data-part="${name}"]`);
  /** @type {(name: string, shown: boolean) => void} */
  const show = (name, shown) => (one(card, `[data-hide="${name}"]`).hidden = !shown);
  /** @type {(name: string, rows: HTMLElement[]) => void} */
  const put = (name, rows) => {
    part(name).replaceChildren(...rows);
    show(name, rows.length > 0);
  };
  part("n").textContent = fill(words.step, about.count);
  for (const name of /** @type {const} */ (["text", "by", "when", "hash", "moved", "gone"])) part(name).textContent = step[name] ?? "";
  const when = /** @type {HTMLTimeElement} */ (part("when"));
  when.dateTime = when.title = step.at ?? "";
  part("kind").textContent = step.kind_name ?? "";
  part("release").textContent = data.releases.length ? fill(words.from, { release: data.releases[step.release].name }) : "";
  const late = data.broken !== null && step.n >= data.broken;
  part("break").hidden = !late;
  part("break").textContent = late ? (step.n === data.broken ? words.broken : words.after) : "";
  show("moved", Boolean(step.moved));
  show("gone", Boolean(step.gone));
  /** @type {[string, string][]} */
  const told = [];
  if (step.purpose) told.push([words.purpose, step.purpose]);
  if (step.reason) told.push([words.reason, step.reason]);
  part("about").replaceChildren(...list(told));
  part("about").hidden = !told.length;
  put("rounds", about.rounds.length > 1 ? about.rounds.map(round) : []);
  put("facts", (step.facts ?? []).map(change));
  put("sealed", list((step.sealed ?? []).map((place) => [data.sealed[place][0], data.sealed[place][1] || words.hidden])));
  put("caused", (step.caused ?? []).map((text) => made("li", text)));
  part("reads").textContent = looked(step, words);
  show("reads", Boolean(step.reads));
  put("letters", list(step.letters ?? []));
  part("rules").replaceChildren(...(step.rules ?? []).map((rule) => fired(rule, data.tables[rule.table], words)));
  show("form", Boolean(step.form));
  /** @type {HTMLAnchorElement} */ (part("form")).href = about.address;
}

/**
 * How often somebody looked at the case between this line and the next.
 * @param {HistoryStep} step
 * @param {Words} words
 */
export const looked = ({ reads }, words) => (reads ? fill(words.looked, { n: reads }) : "");

/** @param {{text: string, at: number, now: boolean}} round */
function round({ text, at, now }) {
  const item = document.createElement("li");
  const link = /** @type {HTMLAnchorElement} */ (made("a", text));
  link.href = `?at=${at}`;
  link.dataset.line = String(at);
  if (now) link.setAttribute("aria-current", "true");
  item.append(link);
  return item;
}

/** @param {[label: string, before: string, after: string]} change */
function change([label, before, after]) {
  const row = document.createElement("tr");
  const head = made("th", label);
  head.setAttribute("scope", "row");
  row.append(head, made("td", before || "–"), made("td", after || "–"));
  return row;
}

/**
 * @param {import("../types").FiredRule} rule
 * @param {import("../types").RuleTable} table
 * @param {Words} words
 */
function fired(rule, table, words) {
  const section = made("section", "", "t-fired");
  const details = document.createElement("details");
  details.append(made("summary", fill(words.table, { release: table.release })));
  // a table may be long; it is made when somebody opens it
  details.addEventListener("toggle", () => details.children.length < 2 && details.append(tableOf(rule, table, words)));
  const facts = made("dl", "", "t-dl");
  facts.append(...list(rule.inputs), ...rule.result.flatMap(([, text]) => [made("dt", words.gave), made("dd", text)]));
  const said = made("p", rule.rows.length ? fill(words.rows, { rows: rule.rows.join(", ") }) : rule.hidden && words.hidden_row);
  if (rule.hidden) said.append(" ", made("small", rule.hidden));
  section.append(made("h3", fill(words.rule, { rule: rule.step || table.name })), said, facts, details);
  return section;
}

/**
 * @param {import("../types").FiredRule} rule
 * @param {import("../types").RuleTable} table
 * @param {Words} words
 */
function tableOf(rule, table, words) {
  const box = made("div", "", "t-scroll");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", fill(words.table, { release: table.release }));
  const grid = made("table", "", "t-rule-table");
  const head = document.createElement("tr");
  /** @type {(tag: string, text: string, index: number) => HTMLElement} */
  const cell = (tag, text, index) => made(tag, text, index === table.asks ? "t-rule-table__out" : "");
  head.append(made("th", words.row), ...table.columns.map((text, index) => cell("th", text, index)));
  for (const heading of all(head, "th")) heading.setAttribute("scope", "col");
  const rows = table.rows.map((cells, index) => {
    const lit = rule.rows.includes(index + 1);
    const row = made("tr", "", lit ? "t-rule-table__fired" : "");
    const number = made("th", String(index + 1));
    number.setAttribute("scope", "row");
    if (lit) number.append(" ", made("span", words.fired, "t-rule-table__word"));
    row.append(number, ...cells.map((text, place) => cell("td", text, place)));
    return row;
  });
  const [top, body] = [document.createElement("thead"), document.createElement("tbody")];
  top.append(head);
  body.append(...rows);
  grid.append(top, body);
  box.append(grid);
  return box;
}
