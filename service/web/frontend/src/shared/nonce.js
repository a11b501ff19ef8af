// @ts-check
// The code editors of dmn-js and form-js make <style> elements. The policy of their pages lets those in that carry the nonce of the request.

/** @param {string} nonce */
export function stampStyles(nonce) {
  const create = document.createElement.bind(document);
  document.createElement = /** @type {typeof document.createElement} */ (
    (/** @type {string} */ tag, /** @type {ElementCreationOptions | undefined} */ options) => {
      const made = create(tag, options);
      if (made instanceof HTMLStyleElement) made.nonce = nonce;
      return made;
    }
  );
}
