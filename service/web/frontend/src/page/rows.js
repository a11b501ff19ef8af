// @ts-check
// Rows of a list are added and removed in the page. A new one is made from the template of its list.
import { all, closest, one } from "../shared/dom.js";
import { nextPath, renumbered } from "./row_paths.js";
import { say } from "./words.js";

/** @param {HTMLFormElement} form */
export function rows(form) {
  form.addEventListener("click", (event) => {
    const button = closest(event, "[data-add], [data-remove]");
    const list = /** @type {HTMLElement | null} */ (button?.closest("[data-rows]") ?? null);
    if (!button || !list) return;
    const done = button.matches("[data-add]") ? add(list) : remove(list, button);
    if (!done) return;
    event.preventDefault();
    form.dispatchEvent(new Event("input"));
    form.dispatchEvent(new Event("rows-changed"));
    // now that a long list has its box for searching
    if (done instanceof HTMLElement) all(done, "input:not([type=hidden]), select, textarea")[0]?.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !(event.target instanceof Element)) return;
    if (event.target.matches("input:not([type=checkbox], [type=radio], [type=file])")) event.preventDefault();
  });
}

/** @param {HTMLElement} list */
const rowsOf = (list) => /** @type {HTMLElement[]} */ ([...one(list, ":scope > [data-row-list]").children]);
/** @param {HTMLElement} row */
const pathOf = (row) => row.dataset.row ?? "";

/** @param {HTMLElement} list */
function add(list) {
  const present = rowsOf(list);
  const [blank] = /** @type {HTMLTemplateElement[]} */ (all(list, ":scope > template[data-blank-row]"));
  const like = blank?.content.firstElementChild;
  if (!like) return false;
  if (present.length >= Number(list.dataset.most)) return true;
  const made = /** @type {HTMLElement} */ (document.importNode(like, true));
  renumber(made, pathOf(made), nextPath(list.dataset.rows ?? "", present.map(pathOf)));
  one(list, ":scope > [data-row-list]").append(made);
  finish(list, "added");
  return made;
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} button
 */
function remove(list, button) {
  const row = button.closest("[data-row]");
  if (!row) return false;
  if (rowsOf(list).length === 1) empty(row);
  else row.remove();
  finish(list, "removed");
  one(list, ":scope > [data-add]").focus();
  return true;
}

/**
 * @param {HTMLElement} made
 * @param {string} from
 * @param {string} to
 */
function renumber(made, from, to) {
  for (const part of [made, ...made.querySelectorAll("*")])
    for (const { name, value } of [...part.attributes]) {
      const changed = renumbered(name, value, from, to);
      if (changed !== value) part.setAttribute(name, changed);
    }
}

/** @param {Element} row */
function empty(row) {
  for (const field of /** @type {HTMLInputElement[]} */ (all(row, "input, select, textarea"))) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else if (field.type !== "hidden" || field.matches("[data-row-id]")) field.value = "";
    field.removeAttribute("aria-invalid");
  }
  all(row, ".t-fault, [data-origin]").forEach((told) => told.remove());
  all(row, ".t-field--error").forEach((field) => field.classList.remove("t-field--error"));
}

/**
 * The number of rows, the button and the line that says what happened.
 * @param {HTMLElement} list
 * @param {"added" | "removed"} what
 */
function finish(list, what) {
  const present = rowsOf(list);
  /** @type {HTMLInputElement} */ (one(list, ":scope > input[type=hidden]")).value = String(present.length);
  one(list, ":scope > [data-add]").hidden = present.length >= Number(list.dataset.most);
  const line = list.closest("form")?.querySelector("[data-save]");
  if (line) line.textContent = say(what);
}
