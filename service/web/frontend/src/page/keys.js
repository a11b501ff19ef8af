// @ts-check
// Extra keys. The single ones can be switched off in the settings; none of them submits or deletes.
import { all, closest } from "../shared/dom.js";

const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable], .t-canvas";

export function keys() {
  const single = document.body.hasAttribute("data-shortcuts");
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === "Enter" && closest(event, "form.t-form")) toButtons(event);
      return;
    }
    if (event.key === "Escape") return closeMenus(event);
    if (!single || closest(event, TYPING)) return;
    if (event.key === "/") search(event);
    if (event.key === "?") /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"))?.showModal();
    // a list is walked from wherever the focus is: outside of it, its first row comes first
    const list = closest(event, "[data-list]") ?? all(document, "[data-list]")[0];
    if (list) inList(event, list);
  });
}

/** @param {Event} event */
function toButtons(event) {
  event.preventDefault();
  if (document.getElementById("buttons")?.hidden) location.hash = "buttons"; // of a form in steps: its last one
  else all(document, "#buttons button:not(.t-plain)")[0]?.focus();
}

/** @param {Event} event */
function closeMenus(event) {
  const open = /** @type {HTMLDetailsElement | null} */ (closest(event, "details.t-action-menu[open]"));
  if (!open) return;
  open.open = false;
  open.querySelector("summary")?.focus();
}

/** @param {Event} event */
function search(event) {
  event.preventDefault();
  const [field] = all(document, "input[type=search]");
  field?.closest("details")?.setAttribute("open", "");
  field?.focus();
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} list
 */
function inList(event, list) {
  const rows = [...list.children];
  const current = rows.findIndex((row) => row === closest(event, "tr, li"));
  const step = { j: 1, k: -1 }[event.key];
  if (step) (current < 0 ? rows[0] : rows[current + step])?.querySelector("a")?.focus();
  const row = rows[current];
  if (event.key === "x" && row) all(row, "input[type=checkbox]")[0]?.click();
}
