// @ts-check
// Marks of the table: cells with a finding, and rows that fire. dmn-js draws its cells anew at every change, so the marks are rules of a sheet.

/** @typedef {import("../types").RuleFinding} RuleFinding */

const selector = (/** @type {string} */ id) => `[data-element-id="${CSS.escape(id)}"]`;
const row = (/** @type {string} */ id) => `td[data-row-id="${CSS.escape(id)}"]`;

/** @param {() => ReturnType<typeof import("./table.js").placesOf>} places */
export function marks(places) {
  const faults = new CSSStyleSheet();
  const fired = new CSSStyleSheet();
  document.adoptedStyleSheets.push(fired, faults);
  /** Cells, rows or headings of one finding. @param {RuleFinding} finding */
  const targets = ({ rows, columns }) => {
    const at = places();
    if (!rows.length) return columns.map((n) => at.columns[n - 1]).filter(Boolean).map((id) => `.t-rule th${selector(id)}`);
    const cells = rows.flatMap((n) => columns.map((column) => at.cell(n, column))).filter((id) => id !== undefined);
    const heads = rows.map((n) => at.rows[n - 1]).filter(Boolean).map((id) => `.t-rule td.rule-index${selector(id)}`);
    return [...cells.map((id) => `.t-rule td${selector(id)}`), ...heads];
  };
  return {
    /** @param {RuleFinding[]} findings the gravest first */
    faults: (findings) => {
      const rules = [...findings].reverse().flatMap((finding) =>
        targets(finding).map((target) => `${target} { box-shadow: inset 0 0 0 2px var(--t-mark-${finding.severity}); }`),
      );
      faults.replaceSync(rules.join("\n"));
    },
    /** @param {number[]} rows */
    fired: (rows) => {
      const ids = rows.map((n) => places().rows[n - 1]).filter(Boolean);
      fired.replaceSync(ids.map((id) => `.t-rule ${row(id)} { background-color: var(--t-fired); }`).join("\n"));
    },
  };
}
