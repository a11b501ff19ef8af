// @ts-check
// A closed part of the page that is fetched when it is opened, with the script that it needs: most who read a page never open it.
// Until then it holds a link to a page of its own, which is followed where the part cannot be had.
import { all, one } from "../shared/dom.js";
import { afterPress } from "../shared/press.js";

export function lateParts() {
  for (const part of /** @type {HTMLDetailsElement[]} */ (all(document, "details[data-late]"))) {
    if (part.open) draw(part);
    else part.addEventListener("toggle", () => draw(part), { once: true });
  }
}

/** @param {HTMLDetailsElement} part */
async function draw(part) {
  const place = one(part, "[data-late-place]");
  const { late = "", lateScript = "" } = part.dataset;
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: lateScript }));
  place.setAttribute("aria-busy", "true");
  const answer = await fetch(late).catch(() => null);
  const drawn = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part]");
  if (!drawn) return location.assign(/** @type {HTMLAnchorElement} */ (one(place, "a")).href);
  await afterPress();
  place.replaceChildren(...document.adoptNode(drawn).childNodes);
  place.removeAttribute("aria-busy");
  await import(lateScript);
}
