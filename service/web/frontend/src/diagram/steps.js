// @ts-check
// Ties the drawing to its list of steps: choosing one shows the other, and the list says what the drawing shows.
import { all, closest, one } from "../shared/dom.js";

/** @type {Record<string, string>} */
const ICON = { done: "tick", active: "half", waiting: "hourglass", overdue: "triangle", incident: "stop" };

const STEPS = "[data-element]:not(.t-step--hidden)";
/** @param {HTMLElement} step */
const idOf = (step) => step.dataset.element ?? "";

/**
 * @param {import("./viewer.js").DiagramViewer} viewer
 * @param {HTMLElement[]} lists
 */
export function tieSteps(viewer, lists) {
  const { words, notes, icons } = viewer.data;
  for (const list of lists) {
    list.addEventListener("click", (event) => {
      const step = closest(event, "[data-element]");
      if (step && !closest(event, "a, button")) viewer.point(idOf(step));
    });
    for (const step of all(list, STEPS)) {
      const name = one(step, "strong");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "t-plain";
      button.append(...name.childNodes);
      button.addEventListener("click", () => viewer.point(idOf(step)));
      name.append(button);
    }
  }
  /**
   * @param {HTMLElement} step
   * @param {string} state
   */
  const describe = (step, state) => {
    const now = `t-step--${state || "none"}`;
    if (step.classList.contains(now)) return;
    step.className = step.className.replace(/t-step--\w+/, now);
    step.toggleAttribute("aria-current", false);
    if (state === "active" || state === "overdue") step.setAttribute("aria-current", "step");
    const note = notes[idOf(step)];
    const more = note && state === "overdue" && note !== words[state] ? `: ${note}` : "";
    one(step, "[data-state]").textContent = state ? ` · ${words[state]}${more}` : "";
    step.querySelector("use")?.setAttribute("href", `${icons}#${ICON[state] ?? "ring"}`);
  };
  const steps = lists.flatMap((list) => all(list, STEPS));
  viewer.onPaint((states) => {
    for (const step of steps) describe(step, states.get(idOf(step))?.state ?? "");
  });
  /** @param {{element: import("../types").DiagramElement}} event */
  const show = ({ element }) => {
    const id = CSS.escape(element.labelTarget?.id ?? element.id);
    const step = document.querySelector(`[data-steps] [data-element="${id}"]`);
    step?.scrollIntoView({ block: "nearest" });
    step?.querySelector("button")?.focus({ preventScroll: true });
  };
  viewer.onMade((/** @type {any} */ drawing) => drawing.get("eventBus").on("element.click", show));
}
