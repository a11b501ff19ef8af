// Ties the picture to its list of steps: choosing one shows the other, and the list says what the picture shows.
const ICON = { done: "tick", active: "half", waiting: "hourglass", overdue: "triangle", incident: "stop" };

export function tieSteps(picture, lists) {
  const { words, notes, icons } = picture.data;
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
  const say = (step, state) => {
    const now = `t-step--${state || "none"}`;
    if (step.classList.contains(now)) return;
    step.className = step.className.replace(/t-step--\w+/, now);
    step.toggleAttribute("aria-current", false);
    if (state === "active" || state === "overdue") step.setAttribute("aria-current", "step");
    const note = notes[step.dataset.element];
    step.querySelector("[data-state]").textContent = state ? ` · ${words[state]}${note && state === "overdue" && note !== words[state] ? `: ${note}` : ""}` : "";
    step.querySelector("use").setAttribute("href", `${icons}#${ICON[state] ?? "ring"}`);
  };
  picture.onPaint((states) => {
    for (const list of lists) for (const step of list.querySelectorAll("[data-element]:not(.t-step--hidden)")) say(step, states.get(step.dataset.element)?.state ?? "");
  });
  picture.get("eventBus").on("element.click", ({ element }) => {
    const step = document.querySelector(`[data-steps] [data-element="${CSS.escape(element.labelTarget?.id ?? element.id)}"]`);
    step?.scrollIntoView({ block: "nearest" });
    step?.querySelector("button")?.focus({ preventScroll: true });
  });
}
