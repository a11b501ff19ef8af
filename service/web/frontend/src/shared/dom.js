// @ts-check
// Elements that a page must have, and events that come from one.

/**
 * The element with an id.
 * @param {string} id
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`This page has no element ${id}.`);
  return found;
}

/**
 * The first element that a selector finds, as an HTML element.
 * @param {ParentNode} scope
 * @param {string} selector
 */
export function one(scope, selector) {
  const found = /** @type {HTMLElement | null} */ (scope.querySelector(selector));
  if (!found) throw new Error(`This page has nothing at ${selector}.`);
  return found;
}

/**
 * All that a selector finds, as HTML elements.
 * @param {ParentNode} scope
 * @param {string} selector
 */
export const all = (scope, selector) => /** @type {HTMLElement[]} */ ([...scope.querySelectorAll(selector)]);

/**
 * The nearest element around the target of an event that a selector finds.
 * @param {Event} event
 * @param {string} selector
 */
export const closest = (event, selector) =>
  /** @type {HTMLElement | null} */ (event.target instanceof Element ? event.target.closest(selector) : null);

/**
 * What the server wrote into the page as JSON.
 * @param {string} id
 */
export const pageData = (id) => JSON.parse(byId(id).textContent ?? "");
