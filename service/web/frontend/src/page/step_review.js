// @ts-check
// What a form in steps holds and lacks, as the server says it: at the fields, and as a list before it is sent.
import { all } from "../shared/dom.js";

/** @typedef {{path: string, text: string, step: number}} Line `step` is the last one whose answers it is about */
/** @typedef {{path: string, label: string, lines: (string | string[])[], missing: boolean, computed: boolean}} Answer */
/** @typedef {{problems: Line[], steps: {id: string, label: string, answers: Answer[]}[]}} Review */
/** @typedef {Line & {field: HTMLElement}} Problem a question and what is wrong with its answer */

/** @param {string} path */
const idOf = (path) => `f-${path.replaceAll(".", "-")}`;
/** @param {string} path */
const chosenFiles = (path) => {
  const input = document.getElementById(idOf(path));
  return input instanceof HTMLInputElement ? [...(input.files ?? [])].map((file) => file.name) : [];
};

/**
 * The problems that stand at a question of the page; a file that is chosen and not sent yet lacks nothing.
 * @param {HTMLFormElement} form
 * @param {Review} review
 * @returns {Problem[]}
 */
export function problemsOf(form, review) {
  return review.problems.flatMap((line) => {
    const { path } = line;
    const place = document.getElementById(idOf(path));
    const field = /** @type {HTMLElement | null} */ (place?.closest("[data-path]") ?? null);
    return field && form.contains(field) && !chosenFiles(path).length ? [{ ...line, field }] : [];
  });
}

/**
 * The list of problems and every answer, each with a link to its question.
 * @param {HTMLElement} place
 * @param {Review} review
 * @param {Problem[]} problems
 */
export function showReview(place, review, problems) {
  const words = place.dataset;
  const list = problems.map(({ path, text }) => made("li", {}, [made("a", { href: `#${idOf(path)}` }, [text])]));
  const summary = made("div", { class: "t-summary" }, [made("h3", {}, [words.errors ?? ""]), made("ul", { class: "error-list" }, list)]);
  const steps = review.steps.map(({ label, answers }) =>
    made("section", { class: "t-review__step" }, [made("h3", {}, [label]), made("dl", { class: "t-review" }, answers.map((answer) => row(answer, words)))]),
  );
  place.replaceChildren(...(problems.length ? [summary] : []), ...steps);
}

/**
 * @param {Answer} answer
 * @param {DOMStringMap} words
 */
function row({ path, label, lines, missing, computed }, words) {
  const texts = lines.length ? lines : chosenFiles(path);
  const none = missing ? made("strong", {}, [words.missing ?? ""]) : made("span", { class: "t-hint" }, [words.none ?? ""]);
  const several = made("ul", {}, texts.map((text) => made("li", {}, typeof text === "string" ? [text] : text.map((part) => made("div", {}, [part])))));
  const change = made("a", { href: `#${idOf(path)}` }, [words.change ?? "", made("span", { class: "sr-only" }, [` ${label}`])]);
  return made("div", {}, [
    made("dt", {}, [label]),
    made("dd", {}, texts.length > 1 || Array.isArray(texts[0]) ? [several] : texts.length ? [String(texts[0])] : [none]),
    ...(computed ? [] : [made("dd", { class: "t-review__change" }, [change])]),
  ]);
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} content
 */
function made(name, attributes, content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

/**
 * Write them at the fields, in place of those of the last time.
 * @param {HTMLFormElement} form
 * @param {Problem[]} problems
 */
export function showProblems(form, problems) {
  all(form, "[data-step-fault]").forEach((line) => {
    const field = line.closest("[data-path]");
    field?.classList.remove("t-field--error");
    if (field) all(field, `[aria-describedby~="${line.id}"]`).forEach((input) => describe(input, line.id, false));
    line.remove();
  });
  problems.forEach(({ field, text }, number) => {
    if (field.querySelector(":scope > .t-fault, :scope > .t-set > .t-fault")) return; // the page came with it
    const line = document.createElement("p");
    line.className = "t-fault";
    line.dataset.stepFault = "";
    line.id = `problem-${number}`;
    line.textContent = text;
    const label = field.querySelector(".label");
    if (label) label.after(line);
    else field.prepend(line);
    field.classList.add("t-field--error");
    const [input] = all(field, "input:not([type=hidden]), select, textarea");
    if (input) describe(input, line.id, true);
  });
}

/**
 * @param {HTMLElement} input
 * @param {string} id of what is wrong with it
 * @param {boolean} wrong
 */
function describe(input, id, wrong) {
  const ids = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((other) => other && other !== id);
  if (wrong) ids.push(id);
  if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
  else input.removeAttribute("aria-describedby");
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}
