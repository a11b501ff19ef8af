// What may be drawn: the palette, the menus and the ids, cut down to what the engine runs.
const NOT_RUN = new RegExp(
  [
    "manual",
    "script",
    "transaction",
    "ad-?hoc",
    "complex",
    "conditional",
    "signal",
    "compensation",
    "cancel",
    "link",
    "timer-start",
    "error-start",
    "escalation-start",
    "collapsed",
    "data-",
    "replace-with-task$",
    "instantiate",
  ].join("|"),
);
const NOT_APPENDED = new Set(["append.condition-intermediate-event", "append.signal-intermediate-event", "append.compensation-activity"]);
const NOT_CREATED = ["create.data-object", "create.data-store", "create.group", "create.task"];

const STEPS = [
  ["create.user-task", "bpmn:UserTask", "bpmn-icon-user-task", "kind_user_task"],
  ["create.service-task", "bpmn:ServiceTask", "bpmn-icon-service-task", "kind_service"],
  ["create.rule-task", "bpmn:BusinessRuleTask", "bpmn-icon-business-rule-task", "kind_business_rule"],
  ["create.call-activity", "bpmn:CallActivity", "bpmn-icon-call-activity", "kind_call"],
];
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

export function palette(words) {
  class Palette {
    constructor(palette, create, elementFactory, canvas, modeling, eventBus) {
      palette.registerProvider(500, this);
      this.parts = { palette, create, elementFactory, canvas, modeling };
      eventBus.on("palette.changed", () => this.name(canvas.getContainer()));
      eventBus.on("import.done", () => this.name(canvas.getContainer()));
    }

    getPaletteEntries() {
      return (entries) => {
        NOT_CREATED.forEach((name) => delete entries[name]);
        for (const [name, key] of Object.entries(TITLES)) if (entries[name]) entries[name].title = words[key];
        for (const [name, type, className, key] of STEPS) {
          const start = (event) => this.parts.create.start(event, this.parts.elementFactory.createShape({ type }));
          entries[name] = { group: "activity", className, title: words[key], action: { dragstart: start, click: start } };
        }
        return entries;
      };
    }

    // The entries are nameless boxes; here they become buttons that the keyboard reaches. Enter draws in the middle of what is seen.
    name(container) {
      const entries = this.parts.palette.getEntries();
      for (const entry of container.querySelectorAll(".djs-palette .entry")) {
        entry.setAttribute("role", "button");
        entry.setAttribute("tabindex", "0");
        entry.setAttribute("aria-label", entries[entry.dataset.action]?.title ?? "");
        entry.onkeydown = (event) => event.key === "Enter" && this.draw(entry.dataset.action, event);
      }
    }

    draw(action, event) {
      const [, type] = STEPS.find(([name]) => name === action) ?? [];
      if (!type) return event.target.click();
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
  constructor(popupMenu, contextPad, appendPreview, elementFactory, autoPlace, create) {
    popupMenu.registerProvider("bpmn-replace", 500, this);
    contextPad.registerProvider(500, this);
    this.append = (event, element) => autoPlace.append(element, elementFactory.createShape({ type: "bpmn:UserTask" }));
    this.drag = (event, element) => create.start(event, elementFactory.createShape({ type: "bpmn:UserTask" }), { source: element });
  }

  getPopupMenuEntries() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([name]) => !NOT_RUN.test(name)));
  }

  getPopupMenuHeaderEntries() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([name]) => !/loop$|adhoc/.test(name)));
  }

  getContextPadEntries() {
    return (entries) => {
      NOT_APPENDED.forEach((name) => delete entries[name]);
      const step = entries["append.append-task"];
      if (step) entries["append.append-task"] = { ...step, className: "bpmn-icon-user-task", action: { click: this.append, dragstart: this.drag } };
      return entries;
    };
  }
}
Menus.$inject = ["popupMenu", "contextPad", "appendPreview", "elementFactory", "autoPlace", "create"];
export const menus = { __init__: ["tresteg-menus"], "tresteg-menus": ["type", Menus] };

// bpmn-js keeps a form and a due date on a step that was turned into an automatic one; the engine would refuse them.
const FITS = {
  "bpmn:UserTask": /Form|Assignment|Schedule|Priority|UserTask|IoMapping|Loop|Properties/,
  "bpmn:ServiceTask": /TaskDefinition|IoMapping|Loop|Properties/,
  "bpmn:SendTask": /TaskDefinition|IoMapping|Loop|Properties/,
  "bpmn:BusinessRuleTask": /CalledDecision|IoMapping|Properties/,
  "bpmn:CallActivity": /CalledElement|IoMapping|Loop|Properties/,
};
class Clean {
  constructor(eventBus, modeling, bpmnFactory) {
    eventBus.on("commandStack.shape.replace.postExecuted", ({ context: { newShape } }) => {
      const fits = FITS[newShape.type];
      const kept = newShape.businessObject.extensionElements?.values ?? [];
      const left = kept.filter((one) => !one.$type.startsWith("zeebe:") || fits?.test(one.$type));
      if (fits && left.length < kept.length)
        modeling.updateProperties(newShape, { extensionElements: bpmnFactory.create("bpmn:ExtensionElements", { values: left }) });
    });
  }
}
Clean.$inject = ["eventBus", "modeling", "bpmnFactory"];
export const clean = { __init__: ["tresteg-clean"], "tresteg-clean": ["type", Clean] };

// Readable ids for new elements. `Start`, `End` and `…EndJoin` are never made: the engine's parser keeps those names for itself.
const PREFIX = [
  [/Gateway/, "Gw"],
  [/EndEvent/, "End"],
  [/StartEvent/, "Start"],
  [/Event/, "Evt"],
  [/UserTask/, "Task"],
  [/BusinessRule/, "Rule"],
  [/CallActivity/, "Call"],
  [/SubProcess/, "Sub"],
  [/Task/, "Svc"],
  [/SequenceFlow/, "Flow"],
  [/Lane/, "Lane"],
  [/Participant/, "Pool"],
];
class Ids {
  constructor(eventBus, moddle) {
    eventBus.on(
      ["commandStack.shape.create.preExecute", "commandStack.connection.create.preExecute", "commandStack.elements.create.preExecute"],
      5000,
      ({ context }) => {
        for (const one of context.elements ?? [context.shape ?? context.connection]) this.rename(one, moddle);
      },
    );
  }

  rename(element, moddle) {
    const bo = element?.businessObject;
    const [, prefix] = PREFIX.find(([type]) => type.test(bo?.$type ?? "")) ?? [];
    if (!prefix || element.parent || !/^[A-Z][A-Za-z]*_[0-9a-z]{7}$/.test(bo.id)) return;
    const id = `${prefix}_${Math.random().toString(36).slice(2, 8).padEnd(6, "x")}`;
    moddle.ids.unclaim(bo.id);
    moddle.ids.claim(id, bo);
    bo.id = id;
    element.id = id;
    if (bo.di || element.di) element.di.id = `${id}_di`;
  }
}
Ids.$inject = ["eventBus", "moddle"];
export const ids = { __init__: ["tresteg-ids"], "tresteg-ids": ["type", Ids] };
