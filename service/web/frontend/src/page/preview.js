// @ts-check
// What each button leads to, and which questions are asked, follow the answers: asked of the server, set in as text.
import { all } from "../shared/dom.js";
import { afterPress } from "../shared/press.js";
import { typed } from "./unsent.js";
import { say } from "./words.js";

/** @typedef {{hidden: boolean, result?: string, hint?: string}} Widget a question as it is now: `result` is the text of a computed answer */
/** @typedef {{late?: boolean, review?: import("./step_review.js").Review | null, buttons?: Record<string, string[]>, widgets?: Record<string, Widget>, left?: Record<string, string>}} Preview */

const PAUSE = 600;

/**
 * Gives what asks anew. A form in steps that was left once (data-reviews) also hears what it holds and lacks.
 * @param {HTMLFormElement} form
 */
export function previews(form) {
  const sent = new AbortController();
  const address = form.dataset.preview ?? "";
  /** @type {number} */
  let timer;
  let round = 0;
  let stale = false; // typed since the server was asked
  const ask = async () => {
    clearTimeout(timer);
    const mine = ++round;
    stale = false;
    const data = typed(form);
    if (form.dataset.reviews !== undefined) data.append("do", "review");
    const lists = all(form, "[data-then]");
    lists.forEach((list) => list.classList.add("t-consequences--working"));
    /** @type {Preview} */
    const preview = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" }, signal: sent.signal })
      .then((answer) => (answer.ok ? answer.json() : { late: true }))
      .catch(() => ({ late: true }));
    await afterPress();
    if (mine !== round || sent.signal.aborted) return preview;
    lists.forEach((list) => showConsequences(list, preview.buttons?.[list.dataset.then ?? ""], preview.late));
    if (preview.widgets) showQuestions(form, preview.widgets);
    if (preview.left) showLeft(form, preview.left);
    if (preview.review) form.dispatchEvent(new CustomEvent("reviewed", { detail: preview.review }));
    return preview;
  };
  form.addEventListener("input", () => {
    stale = true;
  });
  form.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  // what is left must not be older than what is saved
  form.addEventListener("saved", () => stale && ask());
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sent.abort();
  });
  form.addEventListener("rows-changed", () => form.dispatchEvent(new Event("change")));
  return ask;
}

/**
 * @param {HTMLElement} list
 * @param {string[] | undefined} sentences
 * @param {boolean} [late]
 */
function showConsequences(list, sentences, late) {
  list.classList.remove("t-consequences--working");
  const items = late || !sentences ? [item(say("later"), "t-consequences__late")] : sentences.map((text) => item(text));
  list.replaceChildren(...items);
}

/**
 * @param {string} text
 * @param {string} [name] its class
 */
function item(text, name = "") {
  const made = document.createElement("li");
  made.textContent = text;
  made.className = name;
  return made;
}

/**
 * How many answers each section still needs; a sentence that is the same is left alone.
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} left by section
 */
function showLeft(form, left) {
  for (const line of all(form, "[data-left]")) {
    const text = left[line.dataset.left ?? ""];
    if (text !== undefined && text !== line.textContent?.trim()) line.textContent = text;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {Record<string, Widget>} widgets by path
 */
function showQuestions(form, widgets) {
  for (const field of all(form, "[data-path]")) {
    const widget = widgets[field.dataset.path ?? ""];
    if (!widget) continue;
    if (field.hidden && !widget.hidden) field.dataset.appeared = ""; // nobody has passed it over yet
    field.hidden = widget.hidden;
    const [result] = all(field, ":scope > [data-computed]");
    if (result && widget.result !== undefined) result.textContent = widget.result || "–";
    const [hint] = all(field, ":scope > [data-hint], :scope > th > [data-hint]");
    if (hint?.lastElementChild && widget.hint !== undefined) {
      hint.hidden = !widget.hint;
      hint.lastElementChild.textContent = widget.hint;
    }
  }
  for (const part of all(form, "[data-part-of-form]"))
    part.hidden = !part.querySelector("[data-path]:not([hidden]), .t-paragraph");
  form.dispatchEvent(new Event("parts-changed"));
}
