// What each button leads to, and which questions are asked, follow the answers: asked of the server, set in as text.
import { typed } from "./unsent.js";
import { say } from "./words.js";

const PAUSE = 600;

export function previews(form) {
  const sent = new AbortController();
  let timer,
    round = 0;
  const ask = async () => {
    const mine = ++round;
    const lists = form.querySelectorAll("[data-then]");
    lists.forEach((list) => list.classList.add("t-then--working"));
    const told = await fetch(form.dataset.preview, { method: "POST", body: typed(form), headers: { Accept: "application/json" }, signal: sent.signal })
      .then((answer) => (answer.ok ? answer.json() : { late: true }))
      .catch(() => ({ late: true }));
    if (mine !== round || sent.signal.aborted) return;
    lists.forEach((list) => lines(list, told.buttons?.[list.dataset.then], told.late));
    if (told.widgets) show(form, told.widgets);
  };
  form.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sent.abort();
  });
  form.addEventListener("rows-changed", () => form.dispatchEvent(new Event("change")));
}

function lines(list, sentences, late) {
  list.classList.remove("t-then--working");
  const items = sentences ?? [];
  list.replaceChildren(...(late || !sentences ? [item(say("later"), "t-then__late")] : items.map((text) => item(text))));
}

function item(text, name = "") {
  const made = document.createElement("li");
  made.textContent = text;
  made.className = name;
  return made;
}

function show(form, widgets) {
  for (const field of form.querySelectorAll("[data-path]")) {
    const told = widgets[field.dataset.path];
    if (!told) continue;
    field.hidden = told.hidden;
    const result = field.querySelector(":scope > [data-told]");
    if (result && told.told !== undefined) result.textContent = told.told || "–";
    const hint = field.querySelector(":scope > [data-hint]");
    if (hint && told.hint !== undefined) {
      hint.hidden = !told.hint;
      hint.lastElementChild.textContent = told.hint;
    }
  }
  for (const part of form.querySelectorAll("[data-part-of-form]"))
    part.hidden = !part.querySelector("[data-path]:not([hidden]), .t-paragraph, .t-anchor");
}
