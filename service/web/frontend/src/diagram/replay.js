// @ts-check
// Replay: a slider over the entries of history. The drawing, the card, the list and the address follow it.
import { all, byId, closest, one, pageData } from "../shared/dom.js";
import { fill } from "../shared/text.js";
import { nextOfPerson } from "./history.js";

/** @typedef {import("../types").HistoryStep} HistoryStep */

/** @type {Record<string, string>} */
const MARK = { person: "▮", automatic: "▯", timer: "△", message: "◆", operator: "✖", migration: "║", line: "·" };
const PAUSE = 1000;
const TYPING = "input:not([type=range]), textarea, select, dialog, .t-canvas";

/**
 * @param {HTMLElement} page
 * @param {import("./viewer.js").DiagramViewer} viewer
 */
export function replay(page, viewer) {
  const words = /** @type {import("../types").Words} */ (pageData("replay-words"));
  const { steps, releases } = viewer.data;
  const slider = /** @type {HTMLInputElement} */ (byId("slider"));
  const card = byId("card");
  const lines = byId("lines");
  let at = viewer.data.at ?? steps.length - 1;
  let timer = 0;
  let speed = 1;
  /** @type {Promise<unknown>} */
  let drawing = Promise.resolve();

  /** @param {string} name */
  const part = (name) => one(card, `[data-part="${name}"]`);
  /** @param {number} index */
  const count = (index) => ({ n: index + 1, of: steps.length });

  /** @param {number} index */
  const go = (index) => {
    at = Math.min(Math.max(index, 0), steps.length - 1);
    const step = steps[at];
    slider.value = String(at + 1);
    const value = { ...count(at), text: step.text, by: step.by ?? "", when: step.when ?? "" };
    slider.setAttribute("aria-valuetext", fill(words.value, value));
    const wanted = at;
    // whoever drags the slider waits for no drawing in between
    drawing = drawing.then(() => (wanted === at ? viewer.show(at) : undefined));
    write(step);
    history.replaceState(null, "", `?at=${step.n}`);
    marks.forEach((mark, index) => mark.toggleAttribute("data-now", index === at));
    lines.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const [link] = all(lines, `[data-at="${at + 1}"]`);
    link?.setAttribute("aria-current", "true");
    if (link) lines.scrollTop = link.offsetTop - lines.offsetTop - lines.clientHeight / 2;
    if (at === steps.length - 1) play(false);
  };
  /** @param {HistoryStep} step */
  const write = (step) => {
    part("n").textContent = fill(words.step, count(at));
    for (const name of /** @type {const} */ (["text", "by", "when", "hash"])) part(name).textContent = step[name] ?? "";
    const when = /** @type {HTMLTimeElement} */ (part("when"));
    when.dateTime = when.title = step.at ?? "";
    part("kind").textContent = step.kind_name ?? "";
    part("release").textContent = fill(words.from, { release: releases[step.release].name });
    list("facts", (step.facts ?? []).flatMap(([label, text]) => [made("dt", label), made("dd", text)]));
    list("caused", (step.caused ?? []).map((text) => made("li", text)));
  };
  /**
   * @param {string} name
   * @param {HTMLElement[]} rows
   */
  const list = (name, rows) => {
    part(name).replaceChildren(...rows);
    one(card, `[data-hide="${name}"]`).hidden = !rows.length;
  };
  /**
   * @param {string} tag
   * @param {string} text
   */
  const made = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

  const button = one(page, '[data-do="play"]');
  /** @param {boolean} on */
  const play = (on) => {
    clearInterval(timer);
    timer = on ? setInterval(() => go(at + 1), PAUSE / speed) : 0;
    button.querySelector("svg")?.setAttribute("aria-label", on ? words.pause : words.play);
    button.setAttribute("aria-pressed", String(on));
  };
  const toggle = () => {
    if (!timer && at === steps.length - 1) go(0);
    play(!timer);
  };
  /** @param {number} times */
  const pace = (times) => {
    speed = times;
    for (const choice of all(page, "[data-speed]"))
      choice.setAttribute("aria-pressed", String(Number(choice.dataset.speed) === times));
    if (timer) play(true);
  };
  /** @type {Record<string, () => void>} */
  const actions = { first: () => go(0), previous: () => go(at - 1), next: () => go(at + 1), last: () => go(steps.length - 1), play: toggle };

  const marks = steps.map((step) => made("span", MARK[step.who] ?? MARK.line));
  one(page, "[data-marks]").replaceChildren(...marks);
  for (const needing of all(page, "[data-script]")) needing.hidden = false;
  slider.addEventListener("input", () => go(Number(slider.value) - 1));
  page.addEventListener("click", (event) => {
    const pressed = closest(event, "button");
    if (pressed?.dataset.speed) pace(Number(pressed.dataset.speed));
    else actions[pressed?.dataset.do ?? ""]?.();
  });
  lines.addEventListener("click", (event) => {
    const link = closest(event, "[data-at]");
    if (!link) return;
    event.preventDefault();
    go(Number(link.dataset.at) - 1);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || closest(event, TYPING)) return;
    /** @type {(() => void) | undefined} */
    const action = /** @type {Record<string, () => void>} */ ({
      ArrowLeft: () => go(event.shiftKey ? nextOfPerson(steps, at, -1) : at - 1),
      ArrowRight: () => go(event.shiftKey ? nextOfPerson(steps, at, 1) : at + 1),
      Home: actions.first,
      End: actions.last,
      PageUp: () => go(at - 10),
      PageDown: () => go(at + 10),
      1: () => pace(1),
      2: () => pace(2),
      4: () => pace(4),
    })[event.key];
    if (action) {
      event.preventDefault();
      action();
    } else if (event.key === " " && !closest(event, "button, a, summary")) {
      event.preventDefault();
      toggle();
    }
  });
  go(at);
}
