// One read-only diagram with marks. States are classes on the elements, never colours in the drawing, so that the strict policy holds.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const ORDER = ["done", "waiting", "active", "overdue", "incident"];
const SIGN = { done: "✓", active: "●", waiting: "⧗", overdue: "▲", incident: "✕" };
const FRAMES = /SubProcess|Participant|Transaction/;

export class Picture {
  constructor(box, data) {
    this.box = box;
    this.data = data;
    this.release = -1;
    this.marked = [];
    this.viewer = new NavigatedViewer({ container: box });
  }

  get(name) {
    return this.viewer.get(name);
  }

  element(id) {
    return this.get("elementRegistry").get(id);
  }

  // Shows one step of the data; another release than before is fetched and drawn first.
  async show(index) {
    const step = this.data.steps[index];
    if (!step) return;
    this.step = step;
    if (step.release !== this.release) await this.load(step.release);
    this.paint(step);
  }

  async load(release) {
    const xml = await (await fetch(this.data.releases[release].xml)).text();
    this.marked = [];
    await this.viewer.importXML(xml);
    this.release = release;
    this.fit();
    for (const id of this.data.hidden ?? []) if (this.element(id)) this.get("canvas").addMarker(id, "t-hidden");
  }

  fit() {
    this.get("canvas").resized();
    this.get("canvas").zoom("fit-viewport", "auto");
  }

  paint(step) {
    const canvas = this.get("canvas");
    const overlays = this.get("overlays");
    this.marked.forEach(([id, mark]) => canvas.removeMarker(id, mark));
    this.marked = [];
    overlays.clear();
    for (const [id, { state, times }] of states(step)) {
      const element = this.element(id);
      if (!element) continue;
      this.mark(id, `t-${state}`);
      if (FRAMES.test(element.type)) this.mark(id, "t-container");
      if (element.waypoints) continue;
      const note = this.data.notes?.[id];
      this.sign(id, { top: -12, left: -10 }, SIGN[state] + (note && state !== "done" ? ` ${note}` : ""), state);
      if (times > 1) this.sign(id, { top: -12, right: 14 }, `×${times}`, state);
    }
    for (const [id, count] of Object.entries(this.data.counts ?? {}))
      if (this.element(id)) this.sign(id, { bottom: 12, right: 14 }, String(count), "count");
  }

  mark(id, name) {
    this.get("canvas").addMarker(id, name);
    this.marked.push([id, name]);
  }

  sign(id, position, text, state) {
    const made = document.createElement("span");
    made.className = `t-sign t-sign--${state}`;
    made.textContent = text;
    made.setAttribute("aria-hidden", "true");
    this.get("overlays").add(id, { position, html: made });
  }

  // Brings an element into the middle, readable, and points at it.
  point(id) {
    const element = this.element(id);
    if (!element) return;
    const canvas = this.get("canvas");
    if (this.pointed) canvas.removeMarker(this.pointed, "t-pointed");
    this.pointed = id;
    canvas.addMarker(id, "t-pointed");
    if (canvas.zoom() < 0.6) canvas.zoom(0.8);
    canvas.scrollToElement(element, 120);
  }

  // The step where something goes on: what a person wants to see first.
  here() {
    const [id] =
      this.step.tokens.find(([element]) => this.element(element) && !FRAMES.test(this.element(element).type)) ?? this.step.done.at(-1) ?? [];
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

// Each element once, with its gravest state and how often it was passed.
function states(step) {
  const found = new Map();
  const put = (id, state, times) => {
    const before = found.get(id);
    if (!before || ORDER.indexOf(state) >= ORDER.indexOf(before.state)) found.set(id, { state, times: Math.max(times ?? 1, before?.times ?? 1) });
  };
  step.done.forEach(([id, times]) => put(id, "done", times));
  step.tokens.forEach(([id, state, times]) => put(id, state, times));
  return found;
}
