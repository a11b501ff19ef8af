// @ts-check
// The findings of the server's linter beside the table: those of this rule lead to their row, the others to their page.
import { icon, make } from "../editor/dom.js";
import { gravestFirst } from "../editor/severity.js";
import { byId, one } from "../shared/dom.js";
import { fill } from "../shared/text.js";

/** @typedef {import("../types").RuleFinding} RuleFinding */

const SIGN = { E: "triangle", W: "diamond", I: "info" };

/**
 * @param {import("../types").RuleData} data
 * @param {{mark: (findings: RuleFinding[]) => void, show: (row: number, column: number) => void}} table
 */
export function problems({ words, icons, findings }, { mark, show: showRow }) {
  const list = byId("findings");
  const count = one(document, "[data-count]");
  const status = one(document, "[data-status]");
  const elsewhere = one(document, "[data-others]");
  let last = "";

  /** @param {RuleFinding} finding */
  const line = (finding) => {
    const { severity, text, code, file, here, link, rows, columns } = finding;
    const places = here ? rows.map((n) => button(fill(words.show_row, { row: n }), n, columns[0] ?? 1)) : [];
    const heading = here && !rows.length && columns.length ? [button(words.show_table, 0, columns[0])] : [];
    const there = link ? [make("a", { href: link }, words.show_there)] : [];
    const parts = [...places, ...heading, ...there].flatMap((part) => [part, " "]);
    const sign = icon(icons, SIGN[severity] ?? SIGN.I, words[`severity_${severity}`]);
    return make("li", { class: `t-finding t-finding--${severity}` }, sign, ` ${text} `, ...parts, make("small", {}, `${code}${here ? "" : ` ${file ?? ""}`}`));
  };
  /** @type {(text: string, row: number, column: number) => HTMLElement} */
  const button = (text, row, column) => make("button", { type: "button", class: "t-plain", onclick: () => showRow(row, column) }, text);
  /** @param {RuleFinding[]} all */
  const show = (all) => {
    const sorted = /** @type {RuleFinding[]} */ (gravestFirst(all));
    const own = sorted.filter(({ here }) => here);
    const others = sorted.filter(({ here }) => !here);
    list.replaceChildren(...(own.length ? own.map(line) : [make("li", {}, words.ok)]));
    elsewhere.hidden = !others.length;
    one(elsewhere, "summary").textContent = fill(words[others.length === 1 ? "elsewhere.one" : "elsewhere.other"], { n: others.length });
    one(elsewhere, "ul").replaceChildren(...others.map(line));
    count.textContent = String(own.length);
    const text = fill(words[own.length === 1 ? "problems.one" : "problems.other"], { n: own.length });
    if (text !== last) status.textContent = last = text;
    mark(own);
  };
  const fail = () => (status.textContent = words.lint_failed);
  show(findings);
  return { show, fail };
}
