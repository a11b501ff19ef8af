// @ts-check
// What was wrong with an answer when the page was sent is no longer said once the answer is changed.
import { all, closest } from "../shared/dom.js";

/** @param {HTMLFormElement} form */
export function clearedFaults(form) {
  for (const kind of ["input", "change"])
    form.addEventListener(kind, (event) => {
      if (!(event.target instanceof Element)) return;
      for (let field = closest(event, ".t-field--error"); field; field = /** @type {HTMLElement | null} */ (field.parentElement?.closest(".t-field--error") ?? null)) clear(field);
    });
}

/** @param {HTMLElement} field */
function clear(field) {
  const own = all(field, ".t-fault").filter((line) => line.closest(".t-field") === field);
  for (const line of own) {
    for (const input of all(field, `[aria-describedby~="${line.id}"]`)) {
      const ids = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== line.id);
      if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
      else input.removeAttribute("aria-describedby");
    }
    line.remove();
  }
  all(field, "[aria-invalid]").forEach((input) => input.closest(".t-field") === field && input.removeAttribute("aria-invalid"));
  field.classList.remove("t-field--error");
}
