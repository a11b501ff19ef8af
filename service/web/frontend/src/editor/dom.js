// @ts-check
// Small builders: everything the editor writes into the page goes through textContent.

/**
 * An element. `onclick` and its like become listeners; true stands for an attribute without a value, false and null for none.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string)} inside
 */
export function make(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  made.append(...inside);
  return made;
}

/**
 * A sign of the sprite.
 * @param {string} file address of the sprite
 * @param {string} name
 * @param {string} label
 */
export function icon(file, name, label) {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${file}#${name}`);
  made.setAttribute("class", "t-icon");
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", label);
  made.append(use);
  return made;
}
