// @ts-check
// What may be drawn: the palette, the menus and the ids, cut down to what the engine runs.
import { all } from "../shared/dom.js";
import { fits, isGenerated, isRun, newId, prefixOf } from "./dialect_rules.js";

/** @typedef {import("../types").DiagramElement} DiagramElement */
/** @typedef {import("../types").Moddle} Moddle */
/** @typedef {Record<string, any>} Entries entries of a palette or menu of bpmn-js, by name */
/** @typedef {any} Service a service of bpmn-js; they carry no types of their own */

const NOT_APPENDED = new Set(["append.condition-intermediate-event", "append.signal-intermediate-event", "append.compensation-activity"]);
const NOT_CREATED = ["create.data-object", "create.data-store", "create.group", "create.task"];

const STEPS = [
  ["create.user-task", "bpmn:UserTask", "bpmn-icon-user-task", "kind_user_task"],
  ["create.service-task", "bpmn:ServiceTask", "bpmn-icon-service-task", "kind_service"],
  ["create.rule-task", "bpmn:BusinessRuleTask", "bpmn-icon-business-rule-task", "kind_business_rule"],
  ["create.call-activity", "bpmn:CallActivity", "bpmn-icon-call-activity", "kind_call"],
];
/** @type {Record<string, string>} */
const TITLES = {
  "hand-tool": "tool_hand",
  "lasso-tool": "tool_lasso",
  "space-tool": "tool_space",
  "global-connect-tool": "tool_connect",
  "create.start-event": "kind_start",
  "create.intermediate-event": "kind_intermediate",
  "create.end-event": "kind_end",
  "create.exclusive-gateway": "kind_exclusive",
  "create.subprocess-expanded": "kind_sub_process",
  "create.participant-expanded": "kind_pool",
};

/** @param {import("../types").Words} words */
export function palette(words) {
  class Palette {
    /**
     * @param {Service} palette
     * @param {Service} create
     * @param {Service} elementFactory
     * @param {Service} canvas
     * @param {Service} modeling
     * @param {Service} eventBus
     */
    constructor(palette, create, elementFactory, canvas, modeling, eventBus) {
      palette.registerProvider(500, this);
      this.parts = { palette, create, elementFactory, canvas, modeling };
      eventBus.on("palette.changed", () => this.name(canvas.getContainer()));
      eventBus.on("import.done", () => this.name(canvas.getContainer()));
    }

    getPaletteEntries() {
      return (/** @type {Entries} */ entries) => {
        NOT_CREATED.forEach((name) => delete entries[name]);
        for (const [name, key] of Object.entries(TITLES)) if (entries[name]) entries[name].title = words[key];
        for (const [name, type, className, key] of STEPS) {
          const start = (/** @type {Event} */ event) => this.parts.create.start(event, this.parts.elementFactory.createShape({ type }));
          entries[name] = { group: "activity", className, title: words[key], action: { dragstart: start, click: start } };
        }
        return entries;
      };
    }

    /**
     * The entries are nameless boxes; here they become buttons that the keyboard reaches. Enter draws in the middle of what is seen.
     * @param {HTMLElement} container
     */
    name(container) {
      const entries = this.parts.palette.getEntries();
      for (const entry of all(container, ".djs-palette .entry")) {
        const action = entry.dataset.action ?? "";
        entry.setAttribute("role", "button");
        entry.setAttribute("tabindex", "0");
        entry.setAttribute("aria-label", entries[action]?.title ?? "");
        entry.onkeydown = (event) => event.key === "Enter" && this.draw(action, event);
      }
    }

    /**
     * @param {string} action
     * @param {KeyboardEvent} event
     */
    draw(action, event) {
      const [, type] = STEPS.find(([name]) => name === action) ?? [];
      if (!type) return /** @type {HTMLElement} */ (event.target).click();
      event.preventDefault();
      const { canvas, elementFactory, modeling } = this.parts;
      const { x, y, width, height } = canvas.viewbox();
      modeling.createShape(elementFactory.createShape({ type }), { x: x + width / 2, y: y + height / 2 }, canvas.getRootElement());
    }
  }
  Palette.$inject = ["palette", "create", "elementFactory", "canvas", "modeling", "eventBus"];
  return { __init__: ["tresteg-palette"], "tresteg-palette": ["type", Palette] };
}

class Menus {
  /**
   * @param {Service} popupMenu
   * @param {Service} contextPad
   * @param {Service} appendPreview
   * @param {Service} elementFactory
   * @param {Service} autoPlace
   * @param {Service} create
   */
  constructor(popupMenu, contextPad, appendPreview, elementFactory, autoPlace, create) {
    popupMenu.registerProvider("bpmn-replace", 500, this);
    contextPad.registerProvider(500, this);
    this.append = (/** @type {Event} */ _, /** @type {DiagramElement} */ element) => autoPlace.append(element, elementFactory.createShape({ type: "bpmn:UserTask" }));
    this.drag = (/** @type {Event} */ event, /** @type {DiagramElement} */ element) => create.start(event, elementFactory.createShape({ type: "bpmn:UserTask" }), { source: element });
  }

  getPopupMenuEntries() {
    return (/** @type {Entries} */ entries) => Object.fromEntries(Object.entries(entries).filter(([name]) => isRun(name)));
  }

  getPopupMenuHeaderEntries() {
    return (/** @type {Entries} */ entries) => Object.fromEntries(Object.entries(entries).filter(([name]) => !/loop$|adhoc/.test(name)));
  }

  getContextPadEntries() {
    return (/** @type {Entries} */ entries) => {
      NOT_APPENDED.forEach((name) => delete entries[name]);
      const step = entries["append.append-task"];
      if (step) entries["append.append-task"] = { ...step, className: "bpmn-icon-user-task", action: { click: this.append, dragstart: this.drag } };
      return entries;
    };
  }
}
Menus.$inject = ["popupMenu", "contextPad", "appendPreview", "elementFactory", "autoPlace", "create"];
export const menus = { __init__: ["tresteg-menus"], "tresteg-menus": ["type", Menus] };

/** Takes from a step whose type was changed what the new type cannot have. */
class Clean {
  /**
   * @param {Service} eventBus
   * @param {Service} modeling
   * @param {Service} bpmnFactory
   */
  constructor(eventBus, modeling, bpmnFactory) {
    /** @param {{context: {newShape: DiagramElement}}} event */
    const clean = ({ context: { newShape } }) => {
      /** @type {Moddle[]} */
      const kept = newShape.businessObject.extensionElements?.values ?? [];
      const values = kept.filter((one) => fits(newShape.type, one.$type));
      if (values.length < kept.length)
        modeling.updateProperties(newShape, { extensionElements: bpmnFactory.create("bpmn:ExtensionElements", { values }) });
    };
    eventBus.on("commandStack.shape.replace.postExecuted", clean);
  }
}
Clean.$inject = ["eventBus", "modeling", "bpmnFactory"];
export const clean = { __init__: ["tresteg-clean"], "tresteg-clean": ["type", Clean] };

/** Gives new elements readable ids. */
class Ids {
  /**
   * @param {Service} eventBus
   * @param {Service} moddle
   */
  constructor(eventBus, moddle) {
    /** @param {{context: {elements?: DiagramElement[], shape?: DiagramElement, connection?: DiagramElement}}} event */
    const rename = ({ context }) => {
      for (const element of context.elements ?? [context.shape ?? context.connection])
        if (element?.businessObject) this.rename(element, moddle);
    };
    const made = ["shape", "connection", "elements"].map((what) => `commandStack.${what}.create.preExecute`);
    eventBus.on(made, 5000, rename);
  }

  /**
   * @param {DiagramElement} element
   * @param {Service} moddle
   */
  rename(element, moddle) {
    const bo = element.businessObject;
    const prefix = prefixOf(bo.$type);
    if (!prefix || element.parent || !isGenerated(bo.id)) return;
    const id = newId(prefix, Math.random());
    moddle.ids.unclaim(bo.id);
    moddle.ids.claim(id, bo);
    bo.id = id;
    element.id = id;
    if (element.di) element.di.id = `${id}_di`;
  }
}
Ids.$inject = ["eventBus", "moddle"];
export const ids = { __init__: ["tresteg-ids"], "tresteg-ids": ["type", Ids] };
