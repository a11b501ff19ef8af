// @ts-check
// The field for the code of an invitation is filled from the end of the address, which is then forgotten.
import { all } from "../shared/dom.js";

export function fragment() {
  const code = location.hash.slice(1);
  for (const field of /** @type {HTMLInputElement[]} */ (all(document, "input[data-fragment]"))) {
    if (!code || field.value) continue;
    field.value = code;
    history.replaceState(null, "", location.pathname);
  }
}
