// @ts-check
// How often steps and ways were passed: at a way in the middle of its longest piece.

/** @param {import("./viewer.js").DiagramViewer} viewer */
export function showCounts(viewer) {
  for (const [id, [text, kind]] of Object.entries(viewer.data.counts ?? {})) {
    const element = viewer.element(id);
    if (element) viewer.badge(id, element.waypoints ? middleOf(element.waypoints) : { top: -12, left: -10 }, text, `count-${kind}`);
  }
}

/**
 * Where the text of a way stands, from the upper left corner of its box.
 * @param {{x: number, y: number}[]} points
 */
export function middleOf(points) {
  const left = Math.min(...points.map(({ x }) => x));
  const top = Math.min(...points.map(({ y }) => y));
  let [from, to, longest] = [points[0], points[0], -1];
  points.slice(1).forEach((point, index) => {
    const length = Math.hypot(point.x - points[index].x, point.y - points[index].y);
    if (length > longest) [from, to, longest] = [points[index], point, length];
  });
  return { left: (from.x + to.x) / 2 - left - 16, top: (from.y + to.y) / 2 - top - 11 };
}
