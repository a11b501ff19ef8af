// @ts-check
// Which part of the drawing's plane the canvas shows.

/** @typedef {{x: number, y: number, width: number, height: number}} Box */

const PALETTE = 120;
const MARGIN = 12;

/**
 * The whole drawing, next to the palette and not under it; never larger than it was drawn.
 * @param {Box} inner what is drawn
 * @param {{width: number, height: number}} outer the canvas, in pixels
 * @returns {Box}
 */
export function wholeDrawing(inner, outer) {
  const left = outer.width > 2 * PALETTE ? PALETTE : 0;
  const free = outer.width - left - 2 * MARGIN;
  const scale = Math.min(free / inner.width, (outer.height - 2 * MARGIN) / inner.height, 1);
  const [width, height] = [outer.width / scale, outer.height / scale];
  const unused = Math.max(0, width - (left + 2 * MARGIN) / scale - inner.width);
  return { x: inner.x - (left + MARGIN) / scale - unused / 2, y: inner.y - (height - inner.height) / 2, width, height };
}
