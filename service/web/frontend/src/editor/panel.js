// The panel: five tabs of labelled fields about the chosen element. A field is written when it is left, as one command.
// What stays the same stays in the page: a press on a tab or on the next field must not lose its target to the writing of the field before.
import { make } from "./dom.js";
import { Extensions } from "./extensions.js";
import { fieldsOf } from "./fields.js";
import { kindOf, nameOf } from "./names.js";

const TABS = ["general", "who", "form", "handler", "words"];

export function panel(modeler, { words, choices, edit }, box) {
  const parts = { x: new Extensions(modeler), modeling: modeler.get("modeling"), factory: modeler.get("bpmnFactory"), choices };
  let shown = null,
    tab = "general",
    fields = [],
    drawn = "",
    pressed = false,
    waiting = false;

  const look = () => {
    const steps = modeler
      .get("elementRegistry")
      .filter((one) => one.type === "bpmn:UserTask")
      .map((one) => [one.id, nameOf(one, words)]);
    const all = fieldsOf(shown, { ...parts, steps });
    const tabs = TABS.filter((name) => all[name].length);
    if (!tabs.includes(tab)) tab = "general";
    fields = all[tab];
    return tabs;
  };
  const draw = () => {
    waiting = false;
    drawn = "";
    if (!shown) return box.replaceChildren(make("p", { class: "t-hint" }, words.choose));
    const active = document.activeElement?.id;
    const tabs = look();
    drawn = sketch(tabs);
    box.replaceChildren(
      make("h2", {}, nameOf(shown, words)),
      make("p", { class: "t-hint" }, kindOf(shown, words)),
      tablist(tabs),
      make("div", { role: "tabpanel", id: "panel-fields", "aria-labelledby": `tab-${tab}`, tabindex: "-1" }, ...fields.map(field)),
    );
    if (active) document.getElementById(active)?.focus();
  };
  const sketch = (tabs) => [shown.id, shown.type, tab, ...tabs, ...fields.map((one) => one.word)].join(" ");
  // Only the values changed: they are written into the fields that are there.
  const refresh = () => {
    if (sketch(look()) !== drawn) return pressed ? (waiting = true) : draw();
    box.querySelector("h2").textContent = nameOf(shown, words);
    box.querySelector(".t-hint").textContent = kindOf(shown, words);
    fields.forEach((one, index) => {
      const input = document.getElementById(`panel-${tab}-${index}`);
      if (input !== document.activeElement) put(one, input);
    });
  };
  const put = (one, input) => {
    const given = one.read();
    if (one.shape === "check") input.checked = given;
    else if (one.shape === "inputs") input.value = lines(given);
    else if (one.shape === "several") {
      const chosen = given.split(/[\s,]+/);
      for (const option of input.options) option.selected = chosen.includes(option.value);
    } else input.value = given;
  };
  const lines = (pairs) => pairs.map(([target, source]) => `${target} ${source}`).join("\n");

  const choose = (name) => {
    tab = name;
    draw();
    document.getElementById(`tab-${name}`).focus();
  };
  const tablist = (tabs) =>
    make(
      "div",
      {
        role: "tablist",
        "aria-label": words.panel,
        onkeydown: (event) => {
          const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (by) choose(tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length]);
        },
      },
      ...tabs.map((name) =>
        make(
          "button",
          {
            role: "tab",
            type: "button",
            id: `tab-${name}`,
            "aria-controls": "panel-fields",
            "aria-selected": String(name === tab),
            tabindex: name === tab ? "0" : "-1",
            onclick: () => choose(name),
          },
          words[`tab_${name}`],
        ),
      ),
    );

  const field = (one, index) => {
    const id = `panel-${tab}-${index}`;
    const about = one.hint ? `${id}-hint` : null;
    const save = (event) => write(fields[index], event.target);
    const given = one.read();
    const shape = { id, class: "t-input", disabled: !edit, "aria-describedby": about, onchange: save };
    const input = {
      text: () => make("input", { ...shape, type: "text", value: given }),
      long: () => area(shape, given, ""),
      feel: () => area({ ...shape, spellcheck: "false" }, given, ""),
      inputs: () => area({ ...shape, spellcheck: "false" }, lines(given)),
      check: () => make("input", { id, type: "checkbox", checked: given, disabled: !edit, onchange: save }),
      suggest: () => make("input", { ...shape, type: "text", value: given, list: `${id}-list` }),
      select: () => select(shape, one, given),
      several: () => several(shape, one, given.split(/[\s,]+/)),
    }[one.shape]();
    const label = make("label", { class: "label", for: id }, words[one.word]);
    return make(
      "div",
      { class: "t-field" },
      label,
      ...(about ? [make("p", { class: "t-hint", id: about }, words[one.hint])] : []),
      input,
      ...(one.shape === "suggest" ? [make("datalist", { id: `${id}-list` }, ...one.options.map(([value]) => make("option", { value })))] : []),
    );
  };
  const area = (shape, text) => Object.assign(make("textarea", { ...shape, rows: "2" }), { value: text });
  const select = (shape, one, given) => {
    const options = [...(one.required ? [] : [["", words.none]]), ...(one.options ?? [])];
    if (given && !options.some(([value]) => value === given)) options.push([given, given]);
    const made = make(
      "select",
      { ...shape, class: "t-input t-select" },
      ...options.map(([value, text]) => make("option", { value }, one.translated ? words[text] : text)),
    );
    made.value = given;
    return made;
  };
  const several = (shape, one, chosen) =>
    make(
      "select",
      { ...shape, multiple: true, size: "5" },
      ...one.options.map(([value, text]) => make("option", { value, selected: chosen.includes(value) }, text)),
    );
  const write = (one, input) => {
    if (one.shape === "several") return one.write([...input.selectedOptions].map(({ value }) => value).join(", "));
    if (one.shape === "check") return one.write(input.checked);
    if (one.shape !== "inputs") return one.write(input.value.trim());
    return one.write(
      input.value
        .split("\n")
        .map((line) =>
          line
            .trim()
            .match(/^(\S+)\s+(.+)$/)
            ?.slice(1),
        )
        .filter(Boolean),
    );
  };

  modeler.on("selection.changed", ({ newSelection }) => {
    shown = newSelection.length === 1 ? (newSelection[0].labelTarget ?? newSelection[0]) : null;
    draw();
  });
  modeler.on("elements.changed", ({ elements }) => shown && elements.includes(shown) && refresh());
  addEventListener("pointerdown", () => (pressed = true), true);
  addEventListener("pointerup", () => setTimeout(() => ((pressed = false), waiting && draw())), true);
  modeler.on("shape.remove", ({ element }) => {
    if (element !== shown) return;
    shown = null;
    draw();
  });
}
