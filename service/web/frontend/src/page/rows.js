// Rows of a list are added and removed in the page. A new one is a copy of the last, emptied and numbered on; an empty list asks the server.
import { say } from "./words.js";

export function rows(form) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add], [data-remove]");
    const list = button?.closest("[data-rows]");
    if (!list) return;
    const done = button.matches("[data-add]") ? add(list) : remove(list, button);
    if (done) {
      event.preventDefault();
      form.dispatchEvent(new Event("input"));
      form.dispatchEvent(new Event("rows-changed"));
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input:not([type=checkbox], [type=radio], [type=file])"))
      event.preventDefault();
  });
}

const rowsOf = (list) => [...list.querySelector(":scope > [data-row-list]").children];
const numberOf = (row) => Number(row.dataset.row.split(".").pop());

function add(list) {
  const all = rowsOf(list);
  if (!all.length) return false;
  if (all.length >= Number(list.dataset.most)) return true;
  const last = all.at(-1);
  const path = `${list.dataset.rows}.${Math.max(...all.map(numberOf)) + 1}`;
  const made = last.cloneNode(true);
  renumber(made, last.dataset.row, path);
  empty(made);
  last.after(made);
  tidy(list, "added");
  made.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  return true;
}

function remove(list, button) {
  const row = button.closest("[data-row]");
  if (rowsOf(list).length === 1) empty(row);
  else row.remove();
  tidy(list, "removed");
  list.querySelector(":scope > [data-add]").focus();
  return true;
}

// Names, ids and what points at them begin with the row's path, with dots in names and dashes in ids.
function renumber(made, from, to) {
  const dashed = (path) => `f-${path.replaceAll(".", "-")}`;
  for (const part of [made, ...made.querySelectorAll("*")]) {
    for (const { name, value } of [...part.attributes]) {
      if (/^(name|value|data-path|data-row|data-rows)$/.test(name) && value.includes(from)) part.setAttribute(name, value.replace(from, to));
      if (/^(id|for|aria-describedby)$/.test(name)) part.setAttribute(name, value.replaceAll(dashed(from), dashed(to)));
    }
  }
}

function empty(row) {
  for (const field of row.querySelectorAll("input, select, textarea")) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else if (field.type !== "hidden") field.value = "";
    field.removeAttribute("aria-invalid");
  }
  row.querySelectorAll(".t-fault").forEach((fault) => fault.remove());
  row.querySelectorAll(".t-field--error").forEach((field) => field.classList.remove("t-field--error"));
}

function tidy(list, what) {
  const all = rowsOf(list);
  list.querySelector(":scope > input[type=hidden]").value = all.length;
  list.querySelector(":scope > [data-add]").hidden = all.length >= Number(list.dataset.most);
  const line = list.closest("form").querySelector("[data-save]");
  if (line) line.textContent = say(what);
}
