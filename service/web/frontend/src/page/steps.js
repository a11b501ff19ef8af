// @ts-check
// A form in steps: one section at a time, and last what it holds and lacks, with the buttons that send it. The step that is
// shown stands in the address, so that Back, a reload and a bookmark keep it. Without this script all sections are one page.
import { all, byId, closest, one } from "../shared/dom.js";
import { fill } from "../shared/text.js";
import { problemsOf, showProblems, showReview } from "./step_review.js";
import { say } from "./words.js";

const REVIEW = "review";

/**
 * @param {HTMLFormElement} form
 * @param {() => Promise<import("./preview.js").Preview>} ask
 */
export function steps(form, ask) {
  const nav = form.querySelector("[data-steps]");
  if (!(nav instanceof HTMLElement)) return;
  const title = document.title;
  const parts = all(form, "[data-step]");
  const lines = all(nav, "[data-step-of]");
  const review = one(form, "[data-review]");
  const buttons = byId("buttons");
  const [back, next, anyway] = ["back", "next", "anyway"].map((name) => one(form, `[data-step-${name}]`));
  const visited = new Set();
  let current = "";
  let warned = "";
  let checked = false; // just now, by who leaves a step

  const partsOf = (/** @type {string} */ step) => parts.filter((part) => part.dataset.step === step);
  const shown = () => lines.map((line) => line.dataset.stepOf ?? "").filter((step) => step === REVIEW || partsOf(step).some((part) => !part.hidden));
  const nameOf = (/** @type {string} */ step) => one(nav, `[data-step-of="${step}"] a`);
  /** @param {string} step */
  const go = (step) => {
    const address = nameOf(step).getAttribute("href") ?? "";
    if (location.hash === address) show(step, true);
    else location.hash = address;
  };
  /** @param {Element | null} place */
  const stepOf = (place) => {
    if (!place) return "";
    return place.closest("[data-review], #buttons") ? REVIEW : (/** @type {HTMLElement | null} */ (place.closest("[data-step]"))?.dataset.step ?? "");
  };
  const list = () => {
    const there = shown();
    lines.forEach((line) => {
      const step = line.dataset.stepOf ?? "";
      line.hidden = !there.includes(step);
      if (step === current) nameOf(step).setAttribute("aria-current", "step");
      else nameOf(step).removeAttribute("aria-current");
    });
    const name = nameOf(current).textContent?.trim();
    one(nav, "[data-step-now]").textContent = fill(nav.dataset.of ?? "", { n: there.indexOf(current) + 1, of: there.length, name });
    back.hidden = there.indexOf(current) === 0;
    document.title = `${name} – ${title}`;
  };
  /**
   * @param {string} step
   * @param {boolean} focus on its heading
   */
  const show = (step, focus) => {
    if (current && current !== step) {
      visited.add(current);
      partsOf(current).forEach((part) => all(part, "[data-appeared]").forEach((field) => delete field.dataset.appeared));
    }
    const came = current !== step;
    current = step;
    warned = "";
    anyway.hidden = true;
    const last = step === REVIEW;
    parts.forEach((part) => part.classList.toggle("t-part--away", part.dataset.step !== step));
    review.hidden = buttons.hidden = !last;
    one(form, "[data-bar]").classList.toggle("t-bar--last", last);
    next.hidden = one(form, "[data-step-keep]").hidden = last;
    one(form, "[data-to-buttons]").hidden = true;
    list();
    if (last && came) lookOver();
    else if (came && visited.size && !checked) check();
    checked = false;
    if (!focus) return;
    nav.scrollIntoView({ block: "start" });
    const heading = last ? one(review, "h2") : partsOf(step).find((part) => !part.hidden)?.querySelector("h2");
    heading?.focus({ preventScroll: true });
  };
  /**
   * Mark what is wrong in the steps that were left; gives those problems.
   * @param {import("./step_review.js").Review} found
   */
  const mark = (found) => {
    const problems = problemsOf(form, found);
    // what hangs on a step that is still to come is not wrong yet
    const seen = problems.filter(({ field, step }) => current === REVIEW || (!field.closest("[data-appeared]") && visited.has(stepOf(field)) && visited.has(String(step))));
    showProblems(form, seen);
    for (const line of all(form, "[data-problems]")) {
      const mine = line.dataset.problems ? seen.filter(({ field }) => stepOf(field) === line.dataset.problems) : seen;
      line.hidden = !mine.length;
      line.textContent = fill((mine.length === 1 ? nav.dataset.one : nav.dataset.more) ?? "", { n: mine.length });
    }
    return { found, problems: seen };
  };
  const check = async () => {
    form.dataset.reviews = ""; // from now on whenever the server is asked
    const { review: found } = await ask();
    return found ? mark(found) : null;
  };
  const lookOver = async () => {
    const place = one(review, "[data-review-content]");
    place.setAttribute("aria-busy", "true");
    const result = await check();
    place.removeAttribute("aria-busy");
    if (result) showReview(place, result.found, result.problems);
    else place.textContent = say("later");
  };
  const leave = async () => {
    const step = current;
    visited.add(step);
    partsOf(step).forEach((part) => all(part, "[data-appeared]").forEach((field) => delete field.dataset.appeared));
    const result = await check();
    if (current !== step) return;
    const mine = (result?.problems ?? []).filter(({ field }) => stepOf(field) === step);
    const there = shown();
    checked = !mine.length;
    if (checked || warned === step) return go(there[there.indexOf(step) + 1]);
    warned = step;
    anyway.hidden = false;
    mine[0].field.querySelector(/** @type {any} */ ("input:not([type=hidden]), select, textarea, button"))?.focus();
  };

  next.addEventListener("click", leave);
  anyway.addEventListener("click", () => go(shown()[shown().indexOf(current) + 1]));
  back.addEventListener("click", () => go(shown()[shown().indexOf(current) - 1]));
  form.addEventListener("parts-changed", list);
  form.addEventListener("reviewed", (event) => event instanceof CustomEvent && mark(event.detail));
  // a button that draws the form again comes back to the step that it was pressed in
  form.addEventListener("submit", (event) => {
    const address = (form.getAttribute("action") ?? "").replace(/#.*/, "");
    const again = event.submitter?.getAttribute("name") === "do";
    form.setAttribute("action", again ? `${address}${location.hash}` : address);
  });
  // a link to the place where one is already leads there all the same
  document.addEventListener("click", (event) => {
    const link = closest(event, "a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) arrive();
  });
  const place = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));
  /** Show the step that the address names, and go to the very place in it. */
  const arrive = () => {
    const target = place();
    const step = location.hash ? stepOf(target) : shown()[0];
    if (!step) return;
    const whole = !target || target.matches("[data-step], [data-review]");
    show(step, whole);
    if (target?.id === "buttons") all(target, "button:not(.t-plain)")[0]?.focus();
    else if (!whole) target.focus();
  };
  addEventListener("hashchange", arrive);
  /** @type {HTMLDetailsElement} */ (one(nav, "details")).open = matchMedia("(min-width: 45.01rem)").matches;
  const wrong = form.querySelector(".t-field--error");
  const begun = [stepOf(wrong), stepOf(place())].find((step) => shown().includes(step)) ?? shown()[0];
  show(begun, false);
}
