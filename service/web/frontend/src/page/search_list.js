// @ts-check
// A long list to choose from gets a box above it: what is typed there narrows the list. Without script it is a plain list.
import { all, closest } from "../shared/dom.js";
import { afterPress } from "../shared/press.js";
import { matching } from "./matching.js";
import { say } from "./words.js";

/** @typedef {import("./matching.js").Entry} Entry */

const SHOWN = 8;

/** @type {WeakMap<HTMLSelectElement, Entry[]>} every entry of a list, which itself may be narrowed */
const entries = new WeakMap();

/** @param {HTMLFormElement} form */
export function searches(form) {
  const begin = () => lists(form).forEach((list) => offer(form, list));
  begin();
  form.addEventListener("rows-changed", begin);
  form.addEventListener("input", (event) => {
    const box = boxOf(event);
    if (box) narrow(box, listOf(box));
  });
  form.addEventListener("keydown", (event) => keyed(event));
  form.addEventListener("click", (event) => closest(event, "select[data-search][size]") && widen(/** @type {HTMLSelectElement} */ (closest(event, "select"))));
  form.addEventListener("focusout", (event) => {
    const list = /** @type {HTMLSelectElement | null} */ (closest(event, "select[data-search][size]"));
    if (list && event.relatedTarget !== list.previousElementSibling) afterPress().then(() => document.activeElement !== list && widen(list));
  });
}

/** @param {ParentNode} form */
const lists = (form) => /** @type {HTMLSelectElement[]} */ (all(form, "select[data-search]"));
/** @param {Event} event */
const boxOf = (event) => /** @type {HTMLInputElement | null} */ (closest(event, "[data-search-box]"));
/** @param {HTMLInputElement} box */
const listOf = (box) => /** @type {HTMLSelectElement} */ (box.nextElementSibling);

/**
 * A copied row brings its box along, and may have been copied while its list was narrowed.
 * @param {HTMLFormElement} form
 * @param {HTMLSelectElement} list
 */
function offer(form, list) {
  const like = lists(form).find((other) => other.dataset.search === list.dataset.search);
  const known = (like && entries.get(like)) ?? [...list.options].map(entry);
  if (entries.has(list)) return;
  entries.set(list, known);
  if (list.previousElementSibling?.matches("[data-search-box]")) return widen(list);
  const box = document.createElement("input");
  box.className = "t-input t-find";
  box.autocomplete = "off";
  box.dataset.searchBox = "";
  box.setAttribute("aria-label", say("search", { label: list.labels[0]?.firstChild?.textContent?.trim() ?? "" }));
  box.placeholder = say("searching");
  const told = document.createElement("span");
  told.className = "sr-only";
  told.setAttribute("role", "status");
  list.before(box);
  list.after(told);
}

/** @param {HTMLOptionElement} option */
const entry = (option) => ({
  value: option.value,
  label: option.label.trim(),
  group: option.parentElement instanceof HTMLOptGroupElement ? option.parentElement.label : "",
});

/**
 * @param {HTMLInputElement} box
 * @param {HTMLSelectElement} list
 */
function narrow(box, list) {
  if (!box.value.trim()) return widen(list);
  const found = matching(entries.get(list) ?? [], box.value);
  // what is chosen stays chosen until something else is
  const chosen = (entries.get(list) ?? []).filter((one) => one.value === list.value && !found.includes(one));
  fill(list, [...chosen, ...found.map((one) => ({ ...one, group: "" }))]);
  list.size = Math.min(SHOWN, Math.max(2, list.options.length));
  tell(list, say("found", { n: found.length }));
}

/** @param {HTMLSelectElement} list */
function widen(list) {
  const box = list.previousElementSibling;
  if (box instanceof HTMLInputElement) box.value = "";
  list.removeAttribute("size");
  fill(list, entries.get(list) ?? []);
}

/** @param {KeyboardEvent} event */
function keyed(event) {
  const box = boxOf(event);
  const list = box ? listOf(box) : /** @type {HTMLSelectElement | null} */ (closest(event, "select[data-search][size]"));
  if (!list) return;
  if (event.key === "Escape") widen(list);
  else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if (box) choose(list, matching(entries.get(list) ?? [], box.value)[0]?.value, box);
    else widen(list);
  } else if (event.key === "ArrowDown" && box) {
    event.preventDefault();
    list.focus();
  }
}

/**
 * @param {HTMLSelectElement} list
 * @param {string | undefined} value
 * @param {HTMLInputElement} box
 */
function choose(list, value, box) {
  if (!value || !box.value.trim()) return;
  list.value = value;
  widen(list);
  tell(list, list.selectedOptions[0].label);
  list.dispatchEvent(new Event("input", { bubbles: true }));
  list.dispatchEvent(new Event("change", { bubbles: true }));
  list.focus();
}

/**
 * @param {HTMLSelectElement} list
 * @param {Entry[]} shown
 */
function fill(list, shown) {
  const { value } = list;
  /** @type {Map<string, HTMLOptGroupElement>} */
  const groups = new Map();
  list.replaceChildren();
  for (const one of shown) {
    const option = new Option(one.label, one.value);
    const group = groups.get(one.group) ?? document.createElement("optgroup");
    if (one.group && !groups.has(one.group)) {
      group.label = one.group;
      groups.set(one.group, group);
      list.append(group);
    }
    (one.group ? group : list).append(option);
  }
  list.value = value;
}

/**
 * @param {HTMLSelectElement} list
 * @param {string} text
 */
function tell(list, text) {
  const told = list.nextElementSibling;
  if (told) told.textContent = text;
}
