// Ties the picture to its list of steps: choosing one shows the other.
export function tieSteps(picture, lists) {
  for (const list of lists) {
    list.addEventListener("click", (event) => {
      const step = event.target.closest("[data-element]");
      if (step && !event.target.closest("a, button")) picture.point(step.dataset.element);
    });
    for (const step of list.querySelectorAll("[data-element]:not(.t-step--hidden)")) {
      const name = step.querySelector("strong");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "t-plain";
      button.append(...name.childNodes);
      button.addEventListener("click", () => picture.point(step.dataset.element));
      name.append(button);
    }
  }
  picture.get("eventBus").on("element.click", ({ element }) => {
    const step = document.querySelector(`[data-steps] [data-element="${CSS.escape(element.labelTarget?.id ?? element.id)}"]`);
    step?.scrollIntoView({ block: "nearest" });
    step?.querySelector("button")?.focus({ preventScroll: true });
  });
}
