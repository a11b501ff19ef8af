// @ts-check
// One read-only diagram with marks. States are classes on the elements, never colours in the drawing, so that the strict policy holds.
// A release has several files; the one on the screen is chosen above the canvas, or opened from the call that leads to it.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import Minimap from "diagram-js-minimap";
import { all, closest } from "../shared/dom.js";
import { frameButtons, lookAt, lookAtStart, READABLE } from "../shared/frames.js";
import { INK } from "../shared/ink.js";
import { translations } from "../shared/translations.js";
import { showCounts } from "./counts.js";
import { endGlide, glide } from "./motion.js";
import { showMarks } from "./marks.js";
import { statesOf, stepToSee, wholeMoments } from "./states.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").ElementState} ElementState */
/** @typedef {import("../types").HistoryStep} HistoryStep */
/** @typedef {ElementState & { marks: [id: string, mark: string][], badges: string[] }} Painted */
/** @typedef {(states: Map<string, ElementState>, step: HistoryStep) => void} Listener */

const BADGE = { done: "✓", active: "●", waiting: "◷", overdue: "▲", incident: "✕" };
const FRAMES = /SubProcess|Participant|Transaction/;
// What goes on stays readable however small the drawing is; what is done shrinks with it.
const SCALE = { min: 0.6, max: 1.5 };

const idle = () =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(resolve, { timeout: 2000 });
    else setTimeout(resolve, 100);
  });

export class DiagramViewer {
  /**
   * @param {HTMLElement} canvas
   * @param {import("../types").DiagramData} data
   */
  constructor(canvas, data) {
    this.canvas = canvas;
    this.data = data;
    this.release = this.file = -1;
    /** The step that is shown; before the first is shown, the last. */
    this.step = data.steps[data.steps.length - 1];
    this.shown = false;
    /** @type {[id: string, mark: string][]} */
    this.marked = [];
    /** What each element is coloured as, by drawing of bpmn-js. @type {Map<any, Map<string, Painted>>} */
    this.painted = new Map();
    /** What the tabs of the files say. */
    this.tabsSay = "";
    /** @type {string | null} */
    this.pointed = null;
    /** The drawings that were fetched, by address. @type {Map<string, string>} */
    this.texts = new Map();
    /** @type {Listener[]} */
    this.listeners = [];
    /** @type {Map<string, ElementState>} */
    this.states = new Map();
    this.moments = wholeMoments(data.moments);
    /** @type {HTMLElement | undefined} */
    this.chooser = all(document, `[data-files="${canvas.id}"]`)[0];
    /** @type {HTMLElement | undefined} */
    this.frames = all(document, `[data-frames="${canvas.id}"]`)[0];
    /** Each drawing that was shown, so that going back to it costs nothing. @type {Map<string, any>} */
    this.kept = new Map();
    /** @type {((viewer: any) => void)[]} */
    this.makers = [];
    /** What is being drawn. @type {Promise<unknown>} */
    this.working = Promise.resolve();
    /** Whether the drawing moves along with each step. */
    this.follows = false;
    this.pace = 300;
    this.viewer = this.made();
    this.services = this.get.bind(this);
    // paper has room for the whole
    window.addEventListener("beforeprint", () => this.shown && this.fit());
  }

  /** One drawing of bpmn-js on the canvas, empty still. */
  made() {
    const viewer = new NavigatedViewer({
      container: this.canvas,
      additionalModules: [translations(this.data.bpmn), Minimap],
      bpmnRenderer: INK,
    });
    this.makers.forEach((maker) => maker(viewer));
    return viewer;
  }

  /**
   * Called with each drawing of bpmn-js, those that are made later too.
   * @param {(viewer: any) => void} maker
   */
  onMade(maker) {
    this.makers.push(maker);
    for (const viewer of new Set([this.viewer, ...this.kept.values()])) maker(viewer);
  }

  /**
   * A service of bpmn-js. They carry no types of their own.
   * @param {string} name
   * @returns {any}
   */
  get(name) {
    return this.viewer.get(name);
  }

  /**
   * @param {string} id
   * @returns {DiagramElement | undefined}
   */
  element(id) {
    return this.get("elementRegistry").get(id);
  }

  /**
   * Called whenever something else is shown.
   * @param {Listener} listener
   */
  onPaint(listener) {
    this.listeners.push(listener);
    if (this.shown) listener(this.states, this.step);
  }

  drawings() {
    return this.data.releases[this.step.release];
  }

  /**
   * Which file of the shown release an element lies in.
   * @param {string} id
   */
  fileOf(id) {
    return this.drawings().where[id] ?? 0;
  }

  /**
   * Shows one step of the data, on the file in which it happened.
   * @param {number} index
   */
  async show(index) {
    const step = this.data.steps[index];
    if (!step) return;
    const first = !this.shown;
    this.shown = true;
    this.step = step;
    this.states = statesOf(this.moments.get(step.rev));
    const asked = step.element ? this.fileOf(step.element) : first ? 0 : this.file;
    const other = step.release !== this.release;
    await this.open(!other || step.element ? asked : 0);
    if (first) await this.begin();
    else if (step.element) this.follow(step.element);
    else if (other) await this.pointToCurrent();
  }

  // What a person sees first: where something goes on, at a size that can be read; without a case, the beginning.
  async begin() {
    if (this.states.size || this.step.element) await this.pointToCurrent();
    else lookAtStart(this.services);
  }

  /** @param {number} file */
  open(file) {
    const { release } = this.step;
    return this.inTurn(async () => {
      if (release !== this.release || file !== this.file) await this.load(release, file);
      this.paint();
    });
  }

  /**
   * Drawings are made one after the other: what is asked for last is what is shown in the end.
   * @param {() => Promise<unknown>} work
   */
  inTurn(work) {
    const done = this.working.then(work);
    this.working = done.catch(() => {});
    return done;
  }

  /**
   * @param {number} release
   * @param {number} file
   */
  async load(release, file) {
    const key = `${release}/${file}`;
    const before = this.viewer;
    const known = this.kept.get(key);
    if (known) this.swap(before, known);
    else {
      const viewer = this.kept.size ? this.made() : before;
      await this.import(viewer, release, file);
      this.swap(before, viewer);
      this.kept.set(key, viewer);
    }
    this.release = release;
    this.file = file;
    this.pointed = null;
    if (!known) this.fit();
    frameButtons(this.frames, this.services);
  }

  /**
   * Takes the marks off what is shown, and shows another drawing in its place.
   * @param {any} before
   * @param {any} viewer
   */
  swap(before, viewer) {
    if (before === viewer) return;
    endGlide();
    if (!this.follows) this.unmark();
    if (this.pointed) before.get("canvas").removeMarker(this.pointed, "t-pointed");
    before.detach();
    this.viewer = viewer;
    viewer.attachTo(this.canvas);
  }

  /**
   * @param {any} viewer
   * @param {number} release
   * @param {number} file
   */
  async import(viewer, release, file) {
    const { xml } = this.data.releases[release].files[file];
    if (!this.texts.has(xml)) this.texts.set(xml, await (await fetch(xml)).text());
    await viewer.importXML(this.texts.get(xml) ?? "");
    const canvas = viewer.get("canvas");
    const registry = viewer.get("elementRegistry");
    for (const id of this.data.hidden ?? []) if (registry.get(id)) canvas.addMarker(id, "t-hidden");
  }

  /**
   * Draws what will be needed while nobody waits for it.
   * @param {[release: number, file: number][]} wanted
   */
  async prepare(wanted) {
    for (const [release, file] of wanted) {
      await idle();
      await this.inTurn(async () => {
        const key = `${release}/${file}`;
        if (this.kept.has(key)) return;
        const viewer = this.made();
        await this.import(viewer, release, file);
        viewer.get("canvas").zoom("fit-viewport", "auto");
        viewer.detach();
        this.kept.set(key, viewer);
      });
    }
    document.documentElement.dataset.prepared = String(this.kept.size);
  }

  fit() {
    this.get("canvas").resized();
    this.get("canvas").zoom("fit-viewport", "auto");
  }

  /**
   * Shows an element, readable. Where the drawing does not follow each step, it moves only for what is not on the screen already.
   * @param {string} id
   */
  follow(id) {
    const element = this.element(id);
    if (!element || (this.isFrame(id) && !(id in this.drawings().calls))) return;
    const canvas = this.get("canvas");
    if (this.follows) {
      this.pointAt(id);
      return glide(this.services, element, this.pace);
    }
    const { x, y, width, height, scale } = canvas.viewbox();
    const inside = element.x >= x && element.y >= y && element.x + element.width <= x + width && element.y + element.height <= y + height;
    if (canvas.findRoot(element) !== canvas.getRootElement() || !inside || scale < READABLE) lookAt(this.services, element);
  }

  unmark() {
    const canvas = this.get("canvas");
    for (const { marks } of this.painted.get(this.viewer)?.values() ?? []) this.marked.push(...marks);
    this.painted.delete(this.viewer);
    this.marked.forEach(([id, mark]) => canvas.removeMarker(id, mark));
    this.marked = [];
    this.get("overlays").clear();
  }

  // In a replay a step costs what it changes: what stays as it was is left alone, also on a drawing that was left and is shown again.
  paint() {
    const painted = (this.follows && this.painted.get(this.viewer)) || this.blank();
    for (const [id, was] of painted) {
      const now = this.states.get(id);
      if (now?.state === was.state && now.times === was.times) continue;
      this.unpaint(was);
      painted.delete(id);
    }
    for (const [id, found] of this.states) if (!painted.has(id)) painted.set(id, this.coloured(id, found));
    this.fileTabs();
    this.listeners.forEach((listener) => listener(this.states, this.step));
  }

  /**
   * The drawing with what stands on it in every state.
   * @returns {Map<string, Painted>} what is coloured: nothing
   */
  blank() {
    this.unmark();
    showCounts(this);
    showMarks(this);
    for (const [id, file] of Object.entries(this.drawings().calls)) if (this.element(id)) this.openButton(id, file);
    const painted = new Map();
    this.painted.set(this.viewer, painted);
    return painted;
  }

  /** @param {Painted} was */
  unpaint({ marks, badges }) {
    const canvas = this.get("canvas");
    for (const [marked, mark] of marks) canvas.removeMarker(marked, mark);
    for (const badge of badges) this.get("overlays").remove(badge);
  }

  /**
   * Colours an element, and says what was put on it.
   * @param {string} id
   * @param {ElementState} found
   * @returns {Painted}
   */
  coloured(id, found) {
    const others = this.marked;
    this.marked = [];
    const badges = this.colour(this.element(id), found);
    const painted = { ...found, marks: this.marked, badges };
    this.marked = others;
    return painted;
  }

  /**
   * @param {DiagramElement | undefined} element in another file, when there is none
   * @param {ElementState} found
   * @returns {string[]} ids of the texts that were put at it
   */
  colour(element, { state, times }) {
    if (!element) return [];
    const { id } = element;
    this.mark(id, `t-${state}`);
    if (element.waypoints) return [];
    if (FRAMES.test(element.type)) {
      this.mark(id, "t-container");
      return [];
    }
    const note = this.data.notes?.[id];
    const badges = [this.badge(id, { top: -12, left: -10 }, BADGE[state] + (note && state !== "done" ? ` ${note}` : ""), state)];
    if (times > 1) badges.push(this.badge(id, { top: -12, right: 14 }, `×${times}`, state));
    return badges;
  }

  /**
   * @param {string} id
   * @param {string} name a class
   */
  mark(id, name) {
    this.get("canvas").addMarker(id, name);
    this.marked.push([id, name]);
  }

  /**
   * @param {string} id
   * @param {Record<string, number>} position
   * @param {string} text
   * @param {string} state
   * @returns {string} its id
   */
  badge(id, position, text, state) {
    const made = Object.assign(document.createElement("span"), { className: `t-overlay t-overlay--${state}`, textContent: text });
    made.setAttribute("aria-hidden", "true");
    return this.get("overlays").add(id, { position, html: made, scale: state === "done" ? true : SCALE });
  }

  /**
   * A called process is drawn in a file of its own; a button at the call opens it.
   * @param {string} id
   * @param {number} file
   */
  openButton(id, file) {
    const { title } = this.drawings().files[file];
    const made = Object.assign(document.createElement("button"), { type: "button", className: "t-open-called", textContent: "⤢" });
    made.setAttribute("aria-label", `${this.data.open}: ${title}`);
    made.title = `${this.data.open}: ${title}`;
    made.addEventListener("click", () => this.open(file));
    this.get("overlays").add(id, { position: { bottom: 12, right: 26 }, html: made, scale: SCALE });
  }

  // The files of the release, each with how much goes on in it.
  fileTabs() {
    const { files } = this.drawings();
    if (!this.chooser || files.length < 2) return;
    const focused = this.chooser.contains(document.activeElement);
    const busy = files.map(() => 0);
    for (const [id, { state }] of this.states) if (state !== "done" && !this.isFrame(id)) busy[this.fileOf(id)] += 1;
    const say = JSON.stringify([this.release, this.file, busy]);
    if (say === this.tabsSay) return;
    this.tabsSay = say;
    this.chooser.replaceChildren(...files.map(({ title }, index) => this.tab(title, index, busy[index])));
    this.chooser.hidden = false;
    if (focused) /** @type {HTMLElement | undefined} */ (this.chooser.children[this.file])?.focus();
  }

  /**
   * Frames and calls are active only because something in them is.
   * @param {string} id
   */
  isFrame(id) {
    return id in this.drawings().calls || FRAMES.test(this.element(id)?.type ?? "") || /^Sub_/.test(id);
  }

  /**
   * @param {string} title
   * @param {number} index
   * @param {number} n how many steps go on in it
   */
  tab(title, index, n) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "t-file-tab", textContent: title });
    made.setAttribute("aria-pressed", String(index === this.file));
    if (n) {
      const count = Object.assign(document.createElement("span"), { className: "t-count", textContent: String(n) });
      const words = Object.assign(document.createElement("span"), { className: "sr-only", textContent: ` ${this.data.busy.replace("{n}", String(n))}` });
      count.setAttribute("aria-hidden", "true");
      made.append(" ", count, words);
    }
    made.addEventListener("click", () => this.open(index));
    return made;
  }

  /**
   * Brings an element into the middle, readable, and points at it; from another file, if it lies there.
   * @param {string} id
   */
  async point(id) {
    if (!this.element(id)) await this.open(this.fileOf(id));
    const element = this.element(id);
    if (!element) return;
    this.pointAt(id);
    lookAt(this.services, element);
  }

  /** @param {string} id */
  pointAt(id) {
    const canvas = this.get("canvas");
    if (this.pointed) canvas.removeMarker(this.pointed, "t-pointed");
    this.pointed = id;
    canvas.addMarker(id, "t-pointed");
  }

  // Where something goes on. In an ended case, where it ended.
  pointToCurrent() {
    const done = [...this.states.keys()].filter((id) => this.element(id) && !this.element(id)?.waypoints);
    const id = stepToSee(this.states, (one) => this.isFrame(one)) ?? this.step.element ?? done.at(-1);
    return id ? this.point(id) : undefined;
  }

  /** @param {HTMLElement | undefined} bar the buttons under the canvas */
  tools(bar) {
    if (!bar) return;
    /** @param {number} by */
    const zoom = (by) => this.get("zoomScroll").stepZoom(by);
    /** @type {Record<string, () => void>} */
    const actions = { in: () => zoom(1), out: () => zoom(-1), fit: () => this.fit(), current: () => this.pointToCurrent() };
    bar.hidden = false;
    bar.addEventListener("click", (event) => actions[closest(event, "[data-do]")?.dataset.do ?? ""]?.());
    this.canvas.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
      if (!by || event.target !== this.canvas) return;
      event.preventDefault();
      this.get("canvas").scroll({ dx: by[0], dy: by[1] });
    });
  }
}
