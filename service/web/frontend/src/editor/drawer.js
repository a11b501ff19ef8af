// @ts-check
// What stands around the picture: the drawer with the list of steps, and the part of the drawing that is shown.
import { all, byId, one } from "../shared/dom.js";
import { framesOf, showFrame } from "../shared/frames.js";
import { make } from "./dom.js";

/** From this width on there is room for the list beside the picture and the panel. */
const ROOMY = "(min-width: 90rem)";

/** @typedef {(name: string) => any} Services a service of bpmn-js by its name; they carry no types of their own */

/** The list of steps is opened and closed; the picture takes what is left. @param {Services} get */
export function stepsDrawer(get) {
  const drawer = byId("steps-drawer");
  const button = one(document, '[data-do="steps"]');
  /** @param {boolean} open */
  const show = (open) => {
    drawer.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    get("canvas").resized();
  };
  show(matchMedia(ROOMY).matches);
  return () => {
    show(drawer.hidden !== false);
    if (!drawer.hidden) all(drawer, "button")[0]?.focus();
  };
}

/**
 * Fills the list of the drawing's parts; choosing one shows it.
 * @param {HTMLSelectElement} list
 * @param {Services} get
 * @param {string} whole the words for the drawing as a whole
 */
export function frameList(list, get, whole) {
  const frames = framesOf(get);
  list.hidden = frames.length < 2;
  list.replaceChildren(make("option", { value: "" }, whole), ...frames.map(({ id, businessObject }) => make("option", { value: id }, businessObject.name)));
  list.addEventListener("change", () => {
    const frame = get("elementRegistry").get(list.value);
    if (frame) return showFrame(get, frame);
    const main = get("elementRegistry").find((/** @type {import("../types").DiagramElement} */ e) => e.type === "bpmn:StartEvent" && !/_plane$/.test(get("canvas").findRoot(e).id));
    if (main) get("canvas").setRootElement(get("canvas").findRoot(main));
  });
}
