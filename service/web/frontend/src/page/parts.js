// @ts-check
// A part of the page that htmx draws anew in its place (hx-select). Where the answer does not hold that part, because the
// session is over or a reason is asked first, the link is followed as it would be without script.
import { afterPress, pressed } from "../shared/press.js";

/** @typedef {{ elt: HTMLElement, target: HTMLElement, xhr: XMLHttpRequest, serverResponse?: string, pathInfo?: { requestPath: string } }} Drawn */

export function parts() {
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!pressed()) return;
    event.preventDefault(); // htmx does nothing with the answer, and is given it again
    const { xhr } = detail(event);
    afterPress().then(() => xhr.onload?.(new ProgressEvent("load")));
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, serverResponse = "" } = detail(event);
    if (ofPart(event) && !serverResponse.includes(`id="${target.id}"`)) follow(event);
  });
  for (const fault of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(fault, (event) => ofPart(event) && follow(event));
  }
}

/** @param {Event} event */
const detail = (event) => /** @type {CustomEvent<Drawn & { requestConfig?: { elt: HTMLElement } }>} */ (event).detail;

/** @param {Event} event */
const source = (event) => detail(event).requestConfig?.elt ?? detail(event).elt;

/** @param {Event} event */
const ofPart = (event) => source(event).hasAttribute("hx-select");

/**
 * Do without script what the element does: follow its link, or load the page of its form again.
 * @param {Event} event
 */
function follow(event) {
  event.preventDefault();
  const link = source(event).getAttribute("href");
  if (link) location.assign(link);
  else location.reload();
}
