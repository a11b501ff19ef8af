// @ts-check
// The page of a replay. It comes before diagram.js, which draws, and takes over what it drew.
import { replay } from "./diagram/replay.js";
import { all, byId } from "./shared/dom.js";

const [page] = all(document, "[data-replay]");
// without the files of its releases a case is replayed by its lines alone
if (!all(document, "[data-diagram]").length) replay(page);
document.addEventListener("diagram", (event) => {
  const viewer = /** @type {CustomEvent<import("./diagram/viewer.js").DiagramViewer>} */ (event).detail;
  if (viewer.canvas === byId("canvas")) replay(page, viewer);
});
