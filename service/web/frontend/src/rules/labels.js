// @ts-check
// Each cell says its heading and its row to those who do not see the table; dmn-js calls every one of them the same.
import { make } from "../editor/dom.js";
import { all } from "../shared/dom.js";
import { fill } from "../shared/text.js";

/**
 * Labels the cells, and gives back what labels them again after a change.
 * @param {HTMLElement} drawn
 * @param {() => ReturnType<typeof import("./table.js").placesOf>} places
 * @param {import("../types").Words} words
 */
export function labelCells(drawn, places, words) {
  const label = () => {
    const [head] = all(drawn, "th.index-column");
    if (head && !head.firstChild) head.append(make("span", { class: "sr-only" }, words.row));
    const { rows, columns, labels, inputs } = places();
    const rowOf = new Map(rows.map((id, n) => [id, n + 1]));
    const columnOf = new Map(columns.map((id, n) => [id, n + 1]));
    for (const cell of all(drawn, "td[data-row-id]")) {
      const text = all(cell, ".content-editable, [role=textbox]")[0];
      const row = rowOf.get(cell.dataset.rowId ?? "");
      if (!text || !row) continue;
      const column = columnOf.get(cell.dataset.colId ?? "");
      const key = !column ? "column_note" : column <= inputs ? "column_input" : "column_output";
      const n = column && column > inputs ? column - inputs : column;
      text.setAttribute("aria-label", fill(words[key], { n, label: column ? labels[column - 1] : "", row }));
    }
  };
  label();
  return label;
}
