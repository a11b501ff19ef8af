// @ts-check
// The findings of the server's linter: a list below the picture and a sign on each element that has one.
import { byId, one } from "../shared/dom.js";
import { lookAt } from "../shared/frames.js";
import { fill } from "../shared/text.js";
import { icon, make } from "./dom.js";
import { instead, mend, mends } from "./mends.js";
import { gravest, gravestFirst } from "./severity.js";

/** @typedef {import("../types").Finding} Finding */
/** @typedef {import("../types").DiagramElement} DiagramElement */

/** @type {Record<string, [sign: string, mark: string]>} */
const SIGN = { E: ["triangle", "!"], W: ["diamond", "!"], I: ["info", "i"] };
const KIND = "tresteg-finding";

/**
 * @param {{get: (name: string) => any}} modeler
 * @param {import("../types").EditorData} data
 * @param {{tell: (findings: Finding[]) => void, fieldOf: (element: DiagramElement, property: string) => import("../types").Field | null, open: (property: string) => void}} panel is given all findings whenever they change
 */
export function problems(modeler, { words, icons, file, findings, edit }, panel) {
  const list = byId("findings");
  const count = one(document, "[data-count]");
  const status = one(document, "[data-status]");
  const overlays = modeler.get("overlays");
  const registry = modeler.get("elementRegistry");
  const canvas = modeler.get("canvas");
  /** @type {string[]} */
  let marked = [];
  let last = "";

  // A process is drawn by its pool.
  /** @type {(id: string) => DiagramElement | undefined} */
  const find = (id) => registry.get(id) ?? registry.find((/** @type {DiagramElement} */ pool) => pool.businessObject.processRef?.id === id);
  /** @param {string} id */
  const point = (id) => {
    const element = find(id);
    if (!element) return;
    lookAt((name) => modeler.get(name), element);
    modeler.get("selection").select(element);
  };
  /** @param {Finding} finding */
  const mendButton = (finding) => {
    const { fix = "", element, property = "" } = finding;
    const found = registry.get(element);
    if (!edit || !found) return [];
    const button = (/** @type {string} */ text, /** @type {() => void} */ onclick) => [make("button", { type: "button", class: "t-plain", onclick }, text), " "];
    if (mends(fix)) return button(words[`mend_${fix}`], () => mend(modeler, fix, found));
    const field = property && panel.fieldOf(found, property);
    if (!field) return [];
    const value = instead(finding, field);
    if (value) return button(fill(words.mend_write, { x: value }), () => field.write(value));
    return button(words.mend_field, () => {
      point(element);
      panel.open(property);
    });
  };
  /** @param {Finding} finding */
  const row = (finding) => {
    const [sign] = SIGN[finding.severity] ?? SIGN.I;
    const here = (!finding.file || finding.file === file) && find(finding.element);
    const way = words.show_way;
    const there = finding.link ? [make("a", { href: finding.link }, way)] : [];
    const button = here ? [make("button", { type: "button", class: "t-plain", onclick: () => point(finding.element) }, way)] : there;
    return make(
      "li",
      { class: `t-finding t-finding--${finding.severity}` },
      icon(icons, sign, words[`severity_${finding.severity}`]),
      ` ${finding.text} `,
      ...mendButton(finding),
      ...button,
      make("small", {}, ` ${finding.code}${here ? "" : ` ${finding.file ?? ""}`}`),
    );
  };
  /** @param {Finding[]} all */
  const show = (all) => {
    const sorted = gravestFirst(all);
    panel.tell(all);
    list.replaceChildren(...(sorted.length ? sorted.map(row) : [make("li", {}, words.ok)]));
    count.textContent = String(all.length);
    const text = fill(words[all.length === 1 ? "problems.one" : "problems.other"], { n: all.length });
    if (text !== last) status.textContent = last = text;
    overlays.remove({ type: KIND });
    marked.forEach((id) => registry.get(id) && canvas.removeMarker(id, "t-fault"));
    marked = [];
    for (const [id, severity] of gravest(sorted)) {
      const element = registry.get(id);
      if (!element || element === canvas.getRootElement()) continue;
      if (severity === "E") {
        marked.push(id);
        canvas.addMarker(id, "t-fault");
      }
      const html = make("span", { class: `t-overlay t-overlay--${severity}`, "aria-hidden": "true" }, SIGN[severity][1]);
      if (!element.waypoints) overlays.add(id, KIND, { position: { top: -14, right: 12 }, html });
    }
  };
  const fail = () => (status.textContent = words.lint_failed);
  show(findings);
  return { show, fail, point };
}
