// @ts-check
// Files are looked at before they are sent: one that the server would refuse for its size is not chosen. A kept file that the
// server has deleted, because it was unticked, leaves the page.
import { all } from "../shared/dom.js";
import { refusedFile } from "./file_sizes.js";
import { say } from "./words.js";

/** @param {HTMLFormElement} form */
export function files(form) {
  form.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    input.parentElement?.querySelector("[data-file-fault]")?.remove();
    const others = /** @type {HTMLInputElement[]} */ (all(form, "input[type=file]")).filter((other) => other !== input);
    const before = others.flatMap((other) => [...(other.files ?? [])]).reduce((sum, file) => sum + file.size, 0);
    const refused = refusedFile([...(input.files ?? [])], Number(input.dataset.mostMb), before);
    if (!refused) return;
    input.value = "";
    const fault = document.createElement("p");
    fault.className = "t-fault";
    fault.dataset.fileFault = "";
    fault.setAttribute("role", "alert");
    input.after(fault);
    fault.textContent = say(refused.key, refused.facts);
  });
}

/**
 * Take files out of the page that are deleted; gives whether there was one.
 * @param {HTMLFormElement} form
 * @param {string[]} ids
 */
export function dropFiles(form, ids) {
  const gone = all(form, "li[data-file]").filter((line) => ids.includes(line.dataset.file ?? ""));
  for (const line of gone) {
    const list = line.parentElement;
    const field = /** @type {HTMLElement | null | undefined} */ (list?.parentElement?.querySelector("input[type=file]"));
    if (line.contains(document.activeElement)) field?.focus();
    line.remove();
    if (list && !list.children.length) {
      list.previousElementSibling?.remove(); // how to remove a file
      list.remove();
    }
  }
  return gone.length > 0;
}
