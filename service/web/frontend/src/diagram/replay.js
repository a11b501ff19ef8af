// @ts-check
// Replay: a slider over the entries of history. The drawing, the card, the table and the address follow it.
import { all, byId, closest, one, pageData } from "../shared/dom.js";
import { fill } from "../shared/text.js";
import { writeCard } from "./card.js";
import { nearest, nextOfPerson, positions, roundsOf } from "./history.js";
import { lineTable } from "./lines.js";
import { moveTokens, stopTokens } from "./motion.js";

/** @typedef {import("../types").ReplayData} ReplayData */

const PAUSE = 1400;
const FINE = 1000;
/** Begins the part of an address that says that a replay goes on, and how fast. */
const PLAYING = "#playing-";
const TYPING = "input:not([type=range]), textarea, select, dialog, .t-canvas, .t-scroll";

/**
 * @param {HTMLElement} page
 * @param {import("./viewer.js").DiagramViewer} [viewer] none where the files of a release are missing
 */
export function replay(page, viewer) {
  const words = /** @type {import("../types").Words} */ (pageData("replay-words"));
  const data = /** @type {ReplayData} */ (viewer?.data ?? pageData("canvas-data"));
  const { steps, first } = data;
  const slider = /** @type {HTMLInputElement} */ (byId("slider"));
  const card = byId("card");
  const table = byId("lines");
  const form = byId("form-then");
  const shapes = new Map(all(page, "[data-legend] svg").map((shape) => [shape.dataset.kind, shape]));
  /** @param {string} kind */
  const mark = (kind) => shapes.get(kind)?.cloneNode(true) ?? null;
  const showLine = lineTable(table, data, words, mark);
  let at = Math.max(0, Math.min(Number(slider.value) - first - 1, steps.length - 1));
  /** Index of the mark that is shown. */
  let marked = at;
  let timer = 0;
  let speed = 1;
  let byTime = false;
  let places = positions(steps, byTime);
  /** @type {Promise<unknown>} */
  let drawing = Promise.resolve();
  if (viewer) viewer.follows = true;

  /** @param {number} index */
  const count = (index) => ({ n: first + index + 1, of: data.of });

  /** Where the lines are that this page does not hold. */
  const { earlier, later, start, end } = page.dataset;
  let leaving = false;
  /**
   * Goes on with the page that holds a line. A second call would begin to load it anew.
   * @param {number} number of the line
   * @param {string} [then] end of the address
   */
  const load = (number, then = "") => {
    if (!leaving) location.assign(`?at=${number}${then}`);
    leaving = true;
  };

  /** @param {number} index */
  const go = (index) => {
    if (index < 0 && earlier) return load(Number(earlier));
    if (index >= steps.length && later) return load(Number(later));
    const before = at;
    at = Math.min(Math.max(index, 0), steps.length - 1);
    const step = steps[at];
    slider.value = byTime ? String(Math.round(places[at] * FINE)) : String(first + at + 1);
    slider.setAttribute("aria-valuetext", fill(words.value, { ...count(at), text: step.text, by: step.by ?? "", when: spoken(step.when ?? "") }));
    if (viewer) draw(viewer, before);
    const rounds = roundsOf(data.rounds, step);
    const told = rounds.map((line, n) => ({ text: fill(words.round, { n: n + 1, of: rounds.length }), at: line, now: line === step.n }));
    writeCard(card, step, data, words, { count: count(at), rounds: told, address: words.form.replace("at=0", `at=${step.n}`) });
    page.toggleAttribute("data-unproven", data.broken !== null && step.n >= data.broken);
    history.replaceState(null, "", `?at=${step.n}`);
    marks[marked].toggleAttribute("data-now", false);
    marks[at].toggleAttribute("data-now", true);
    marked = at;
    showLine(at);
    form.hidden = true;
    if (at === steps.length - 1 && !later) play(false);
  };
  /**
   * @param {import("./viewer.js").DiagramViewer} shown
   * @param {number} before index of the line that was shown
   */
  const draw = (shown, before) => {
    const wanted = at;
    stopTokens();
    shown.pace = Math.min(300, PAUSE / speed / 2);
    // whoever drags the slider waits for no drawing in between
    drawing = drawing.then(async () => {
      if (wanted !== at) return;
      await shown.show(at);
      const { fact, rev } = steps[at];
      if (before === at - 1 && fact && wanted === at) moveTokens(shown, Array.from(data.moments[rev].done, ([id]) => id), Math.min(1000, (PAUSE / speed) * 0.8));
    });
  };

  const button = one(page, '[data-do="play"]');
  /** @param {boolean} on */
  const play = (on) => {
    clearInterval(timer);
    timer = on ? setInterval(() => (at === steps.length - 1 && later ? load(Number(later), `${PLAYING}${speed}`) : go(at + 1)), PAUSE / speed) : 0;
    button.querySelector("svg")?.setAttribute("aria-label", on ? words.pause : words.play);
    button.setAttribute("aria-pressed", String(on));
  };
  const toggle = () => {
    if (!timer && at === steps.length - 1 && !later) go(0);
    play(!timer);
  };
  /** @param {number} times */
  const setSpeed = (times) => {
    speed = times;
    press("speed", String(times));
    if (timer) play(true);
  };
  /** @param {string} scale */
  const setScale = (scale) => {
    byTime = scale === "time";
    places = positions(steps, byTime);
    slider.min = byTime ? "0" : String(first + 1);
    slider.max = byTime ? String(FINE) : String(first + steps.length);
    press("scale", scale);
    place();
    go(at);
  };
  /**
   * @param {"speed" | "scale"} name
   * @param {string} value
   */
  const press = (name, value) => {
    for (const choice of all(page, `[data-${name}]`)) choice.setAttribute("aria-pressed", String(choice.dataset[name] === value));
  };
  /** @type {Record<string, () => void>} */
  const actions = {
    first: () => (earlier ? load(Number(start)) : go(0)),
    previous: () => go(at - 1),
    next: () => go(at + 1),
    last: () => (later ? load(Number(end)) : go(steps.length - 1)),
    play: toggle,
  };

  const marks = steps.map((step) => {
    const one = document.createElement("span");
    one.append(mark(step.who) ?? "");
    if (step.n === data.broken) one.className = "t-marks__broken";
    return one;
  });
  const place = () => marks.forEach((one, index) => (one.style.insetInlineStart = `${places[index] * 100}%`));
  one(page, "[data-marks]").replaceChildren(...marks);
  place();
  for (const needing of all(document, "[data-script]")) needing.hidden = false;
  slider.addEventListener("input", () => go(byTime ? nearest(places, Number(slider.value) / FINE) : Number(slider.value) - first - 1));
  page.addEventListener("click", (event) => {
    const pressed = closest(event, "button");
    if (pressed?.dataset.speed) setSpeed(Number(pressed.dataset.speed));
    else if (pressed?.dataset.scale) setScale(pressed.dataset.scale);
    else actions[pressed?.dataset.do ?? ""]?.();
  });
  document.addEventListener("click", (event) => {
    const link = closest(event, "#lines [data-at], #card [data-line]");
    if (link) {
      event.preventDefault();
      const { line } = link.dataset;
      const index = line ? steps.findIndex(({ n }) => String(n) === line) : Number(link.dataset.at) - first - 1;
      if (!steps[index]) return load(Number(line));
      go(index);
      if (line) one(card, `[data-line="${line}"]`).focus();
    } else if (closest(event, '[data-part="form"]')) {
      event.preventDefault();
      showForm(form, /** @type {HTMLAnchorElement} */ (one(card, '[data-part="form"]')).href);
    }
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
      1: () => setSpeed(1),
      2: () => setSpeed(2),
      4: () => setSpeed(4),
    })[event.key];
    if (action) {
      event.preventDefault();
      action();
    } else if (event.key === " " && !closest(event, "button, a, summary")) {
      event.preventDefault();
      toggle();
    }
  });
  const playing = Number(location.hash.split(PLAYING)[1]);
  go(at);
  if (playing) {
    setSpeed(playing);
    play(true);
  }
  if (viewer) drawing.then(() => viewer.prepare(drawingsOf(viewer, data)));
}

/**
 * The drawings on which something happens in this history.
 * @param {import("./viewer.js").DiagramViewer} viewer
 * @param {ReplayData} data
 * @returns {[release: number, file: number][]}
 */
function drawingsOf(viewer, data) {
  const found = data.steps.map(({ element, release }) => `${release}/${element ? (viewer.data.releases[release].where[element] ?? 0) : 0}`);
  return [...new Set(found)].map((key) => /** @type {[number, number]} */ (key.split("/").map(Number)));
}

/**
 * A day in words, as a screen reader reads it well: 2026-03-04 10:02 CET becomes 4 March 2026 10:02 CET.
 * @param {string} when
 */
function spoken(when) {
  const day = new Date(`${when.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return when;
  const { lang } = document.documentElement;
  return new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "long", timeZone: "UTC" }).format(day) + when.slice(10);
}

/**
 * Shows the form as it was, below the drawing.
 * @param {HTMLElement} place
 * @param {string} address
 */
async function showForm(place, address) {
  const answer = await fetch(address);
  const read = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-form-then]");
  if (!answer.ok || !read) return location.assign(address);
  place.replaceChildren(document.adoptNode(read));
  place.hidden = false;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
}
