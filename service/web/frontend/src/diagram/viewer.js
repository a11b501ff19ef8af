// One read-only diagram with marks. States are classes on the elements, never colours in the drawing, so that the strict policy holds.
// A release has several files; the one on the screen is chosen above the picture, or opened from the call that leads to it.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const ORDER = ["done", "waiting", "active", "overdue", "incident"];
const SIGN = { done: "✓", active: "●", waiting: "⧗", overdue: "▲", incident: "✕" };
const FRAMES = /SubProcess|Participant|Transaction/;
const READABLE = 0.6;
// What goes on stays readable however small the picture is; what is done shrinks with it.
const SCALE = { min: 0.6, max: 1.5 };

export class Picture {
  constructor(box, data) {
    this.box = box;
    this.data = data;
    this.release = this.file = -1;
    this.marked = [];
    this.texts = new Map();
    this.heard = [];
    this.states = new Map();
    this.moments = grown(data.moments);
    this.chooser = document.querySelector(`[data-files="${box.id}"]`);
    this.viewer = new NavigatedViewer({ container: box });
  }

  get(name) {
    return this.viewer.get(name);
  }

  element(id) {
    return this.get("elementRegistry").get(id);
  }

  // Called with (states, step) whenever something else is shown.
  onPaint(listener) {
    this.heard.push(listener);
    if (this.step) listener(this.states, this.step);
  }

  drawings() {
    return this.data.releases[this.step.release];
  }

  // Which file of the shown release an element lies in.
  place(id) {
    return this.drawings().where[id] ?? 0;
  }

  // Shows one step of the data, on the file in which it happened.
  async show(index) {
    const step = this.data.steps[index];
    if (!step) return;
    const first = !this.step;
    this.step = step;
    this.states = states(this.moments.get(step.rev));
    const asked = step.element ? this.place(step.element) : first ? 0 : this.file;
    await this.open(step.release === this.release || step.element ? asked : 0);
  }

  async open(file) {
    if (this.step.release !== this.release || file !== this.file) await this.load(this.step.release, file);
    this.paint();
  }

  async load(release, file) {
    const { xml } = this.data.releases[release].files[file];
    if (!this.texts.has(xml)) this.texts.set(xml, await (await fetch(xml)).text());
    this.marked = [];
    this.pointed = null;
    await this.viewer.importXML(this.texts.get(xml));
    this.release = release;
    this.file = file;
    this.fit();
    for (const id of this.data.hidden ?? []) if (this.element(id)) this.get("canvas").addMarker(id, "t-hidden");
  }

  fit() {
    this.get("canvas").resized();
    this.get("canvas").zoom("fit-viewport", "auto");
  }

  paint() {
    const canvas = this.get("canvas");
    this.marked.forEach(([id, mark]) => canvas.removeMarker(id, mark));
    this.marked = [];
    this.get("overlays").clear();
    for (const [id, found] of this.states) if (this.element(id)) this.colour(this.element(id), found);
    for (const [id, file] of Object.entries(this.drawings().calls)) if (this.element(id)) this.door(id, file);
    this.choose();
    this.heard.forEach((listener) => listener(this.states, this.step));
  }

  colour(element, { state, times }) {
    const { id } = element;
    this.mark(id, `t-${state}`);
    if (element.waypoints) return;
    if (FRAMES.test(element.type)) return this.mark(id, "t-container");
    const note = this.data.notes?.[id];
    this.sign(id, { top: -12, left: -10 }, SIGN[state] + (note && state !== "done" ? ` ${note}` : ""), state);
    if (times > 1) this.sign(id, { top: -12, right: 14 }, `×${times}`, state);
  }

  mark(id, name) {
    this.get("canvas").addMarker(id, name);
    this.marked.push([id, name]);
  }

  sign(id, position, text, state) {
    const made = Object.assign(document.createElement("span"), { className: `t-sign t-sign--${state}`, textContent: text });
    made.setAttribute("aria-hidden", "true");
    this.get("overlays").add(id, { position, html: made, scale: state === "done" ? true : SCALE });
  }

  // A called process is drawn in a file of its own; the call is the door to it.
  door(id, file) {
    const { title } = this.drawings().files[file];
    const made = Object.assign(document.createElement("button"), { type: "button", className: "t-open", textContent: "⤢" });
    made.setAttribute("aria-label", `${this.data.open}: ${title}`);
    made.title = made.getAttribute("aria-label");
    made.addEventListener("click", () => this.open(file));
    this.get("overlays").add(id, { position: { bottom: 12, right: 26 }, html: made, scale: SCALE });
  }

  // The files of the release, each with how much goes on in it.
  choose() {
    const { files } = this.drawings();
    if (!this.chooser || files.length < 2) return;
    const focused = this.chooser.contains(document.activeElement);
    const busy = files.map(() => 0);
    for (const [id, { state }] of this.states) if (state !== "done" && !this.isFrame(id)) busy[this.place(id)] += 1;
    this.chooser.replaceChildren(...files.map(({ title }, index) => this.tab(title, index, busy[index])));
    this.chooser.hidden = false;
    if (focused) this.chooser.children[this.file]?.focus();
  }

  // Frames and calls are active only because something in them is.
  isFrame(id) {
    return id in this.drawings().calls || FRAMES.test(this.element(id)?.type ?? "") || /^Sub_/.test(id);
  }

  tab(title, index, n) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "t-file", textContent: title });
    made.setAttribute("aria-pressed", String(index === this.file));
    if (n) {
      const count = Object.assign(document.createElement("span"), { className: "t-count", textContent: n });
      const words = Object.assign(document.createElement("span"), { className: "sr-only", textContent: ` ${this.data.busy.replace("{n}", n)}` });
      count.setAttribute("aria-hidden", "true");
      made.append(" ", count, words);
    }
    made.addEventListener("click", () => this.open(index));
    return made;
  }

  // Brings an element into the middle, readable, and points at it; from another file, if it lies there.
  async point(id) {
    if (!this.element(id)) await this.open(this.place(id));
    const element = this.element(id);
    if (!element) return;
    const canvas = this.get("canvas");
    if (this.pointed) canvas.removeMarker(this.pointed, "t-pointed");
    this.pointed = id;
    canvas.addMarker(id, "t-pointed");
    if (canvas.zoom() < READABLE) canvas.zoom(0.8);
    canvas.scrollToElement(element, 120);
  }

  // Where something goes on, innermost: what a person wants to see first. In an ended case, where it ended.
  here() {
    const going = [...this.states].filter(([id, { state }]) => state !== "done" && !this.isFrame(id)).map(([id]) => id);
    const done = [...this.states].filter(([id]) => this.element(id) && !this.element(id).waypoints).map(([id]) => id);
    const id = going[0] ?? this.step.element ?? done.at(-1);
    if (id) this.point(id);
  }

  tools(bar) {
    if (!bar) return;
    const zoom = this.get("zoomScroll");
    const act = { in: () => zoom.stepZoom(1), out: () => zoom.stepZoom(-1), fit: () => this.fit(), here: () => this.here() };
    bar.hidden = false;
    bar.addEventListener("click", (event) => act[event.target.closest("[data-do]")?.dataset.do]?.());
    this.box.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
      if (!by || event.target !== this.box) return;
      event.preventDefault();
      this.get("canvas").scroll({ dx: by[0], dy: by[1] });
    });
  }
}

// The server tells what is done as it grows; here each moment is whole, so that the slider can jump.
function grown(moments) {
  const found = new Map();
  let done = new Map();
  for (const rev of Object.keys(moments).map(Number).sort((a, b) => a - b)) {
    done = new Map([...done, ...moments[rev].done]);
    found.set(rev, { done, tokens: moments[rev].tokens });
  }
  return found;
}

// Each element once, with its gravest state and how often it was passed.
function states({ done, tokens } = { done: new Map(), tokens: [] }) {
  const found = new Map();
  const put = (id, state, times) => {
    const before = found.get(id);
    if (!before || ORDER.indexOf(state) >= ORDER.indexOf(before.state)) found.set(id, { state, times: Math.max(times ?? 1, before?.times ?? 1) });
  };
  done.forEach((times, id) => put(id, "done", times));
  tokens.forEach(([id, state, times]) => put(id, state, times));
  return found;
}
