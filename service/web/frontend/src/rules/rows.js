// @ts-check
// Buttons for what dmn-js offers by dragging and in a menu: rows are added, moved and removed, from the cell that was used last.
import { closest, one } from "../shared/dom.js";

/**
 * @param {import("./table.js").Services} service
 * @param {HTMLElement} place
 * @param {import("../types").Words} words
 */
export function rowActions(service, place, words) {
  let chosen = "";
  const choose = (/** @type {Event} */ event) => (chosen = closest(event, "[data-row-id]")?.dataset.rowId ?? chosen);
  // on the way down: dmn-js keeps some of these events to itself
  for (const type of ["focusin", "click"]) place.addEventListener(type, choose, { capture: true });

  /** @param {(row: any, index: number, rows: any[]) => unknown} act rows of dmn-js, which carry no types */
  const withRow = (act) => () => {
    const { rows } = service("sheet").getRoot();
    const index = rows.findIndex((/** @type {{id: string}} */ row) => row.id === chosen);
    if (index < 0) one(document, "[data-status]").textContent = words.choose_row;
    else act(rows[index], index, rows);
  };
  const modeling = service("modeling");
  return {
    row: () => modeling.addRow({ type: "dmn:DecisionRule" }),
    row_up: withRow((row, index) => index > 0 && modeling.moveRow(row, index - 1)),
    row_down: withRow((row, index, rows) => index < rows.length - 1 && modeling.moveRow(row, index + 1)),
    row_remove: withRow((row) => modeling.removeRow(row)),
  };
}
