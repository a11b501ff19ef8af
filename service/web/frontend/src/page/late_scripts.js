// @ts-check
// A script that only a closed part of the page needs. It is fetched when somebody is about to open the part, at the latest when she does.
import { all } from "../shared/dom.js";

export function lateScripts() {
  for (const part of all(document, "details[data-script-late]")) {
    const fetched = () => import(part.dataset.scriptLate ?? "");
    for (const sign of ["pointerenter", "focusin", "toggle"]) part.addEventListener(sign, fetched, { once: true });
  }
}
