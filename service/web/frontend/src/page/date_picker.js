// @ts-check
// A calendar beside each date field, for who would rather choose than type. Typing stays the way: without script the button is
// not there. Keys as the ARIA pattern of a date picker has them: arrows, Home, End, Page Up, Page Down, Enter, Escape.
import { all, closest, one, pageData } from "../shared/dom.js";
import { fill } from "../shared/text.js";
import { dayOf, isoOf, later, monthRows } from "./days.js";

const YEARS_BEFORE = 100;
const YEARS_AFTER = 10;

/** @typedef {{choose: string, year: string, earlier: string, later: string, close: string, closed: string, icon: string, off: string[], today: string}} DateWords */

/** @param {HTMLFormElement} form */
export function datePickers(form) {
  if (!document.getElementById("dates") || !form.matches(":has(input.t-input--date, template)")) return;
  const words = /** @type {DateWords} */ (pageData("dates"));
  const lang = document.documentElement.lang;
  const say = (/** @type {Intl.DateTimeFormatOptions} */ options, /** @type {Date} */ day) => new Intl.DateTimeFormat(lang, { timeZone: "UTC", ...options }).format(day);
  const dialog = document.createElement("dialog");
  dialog.className = "t-dialog t-calendar";
  /** @type {HTMLInputElement} */
  let input;
  let shown = dayOf(words.today);

  const allowed = (/** @type {string} */ iso) => !(input.dataset.least && iso < input.dataset.least) && !(input.dataset.most && iso > input.dataset.most);
  const isOff = (/** @type {Date} */ day) => [0, 6].includes(day.getUTCDay()) || words.off.includes(isoOf(day));
  /**
   * @param {string} name
   * @param {Record<string, string>} attributes
   * @param {(Node | string)[]} content
   */
  const made = (name, attributes, ...content) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...content);
    return element;
  };
  const icon = () => {
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    drawn.setAttribute("class", "t-icon");
    drawn.setAttribute("aria-hidden", "true");
    use.setAttribute("href", words.icon);
    drawn.append(use);
    return drawn;
  };
  const dayButton = (/** @type {Date} */ day) => {
    const iso = isoOf(day);
    const off = isOff(day);
    const label = `${say({ dateStyle: "full" }, day)}${off ? `, ${words.closed}` : ""}`;
    const button = made("button", { type: "button", "data-day": iso, tabindex: iso === isoOf(shown) ? "0" : "-1", "aria-label": label }, String(day.getUTCDate()));
    if (iso === input.value) button.setAttribute("aria-pressed", "true");
    if (iso === words.today) button.setAttribute("aria-current", "date");
    if (!allowed(iso)) button.setAttribute("aria-disabled", "true");
    button.classList.toggle("t-calendar__off", off);
    return button;
  };
  const yearList = () => {
    const now = shown.getUTCFullYear();
    const today = dayOf(words.today).getUTCFullYear();
    const first = Math.min(now, Number(input.dataset.least?.slice(0, 4) || today - YEARS_BEFORE));
    const last = Math.max(now, Number(input.dataset.most?.slice(0, 4) || today + YEARS_AFTER));
    const years = Array.from({ length: last - first + 1 }, (_, n) => String(first + n));
    const list = made("select", { class: "t-input t-select", "data-year": "", "aria-label": words.year }, ...years.map((year) => made("option", year === String(now) ? { selected: "" } : {}, year)));
    return list;
  };
  const draw = (focus = true) => {
    const rows = monthRows(shown);
    const head = rows[0].map((day) => made("th", { scope: "col", abbr: say({ weekday: "long" }, day) }, say({ weekday: "short" }, day)));
    const month = shown.getUTCMonth();
    const body = rows.map((week) => made("tr", {}, ...week.map((day) => made("td", {}, ...(day.getUTCMonth() === month ? [dayButton(day)] : [])))));
    const way = (/** @type {string} */ step, /** @type {string} */ label, /** @type {string} */ sign) => made("button", { type: "button", class: "t-plain", "data-month": step, "aria-label": label }, sign);
    const heading = made("h2", { "aria-live": "polite", id: "calendar-month" }, say({ month: "long" }, shown), made("span", { class: "sr-only" }, ` ${shown.getUTCFullYear()}`));
    dialog.replaceChildren(
      made("div", { class: "t-calendar__head" }, way("-1", words.earlier, "‹"), made("div", { class: "t-calendar__month" }, heading, yearList()), way("1", words.later, "›")),
      made("table", { "aria-labelledby": "calendar-month" }, made("thead", {}, made("tr", {}, ...head)), made("tbody", {}, ...body)),
      made("button", { type: "button", class: "button button--secondary button--medium", "data-close": "" }, words.close),
    );
    if (focus) one(dialog, `[data-day="${isoOf(shown)}"]`).focus();
  };
  const open = (/** @type {HTMLElement} */ button) => {
    input = /** @type {HTMLInputElement} */ (one(/** @type {HTMLElement} */ (button.closest(".t-date")), "input"));
    dialog.setAttribute("aria-label", button.getAttribute("aria-label") ?? "");
    const begin = [input.value, words.today, input.dataset.least, input.dataset.most].find((iso) => iso && /^\d{4}-\d\d-\d\d$/.test(iso) && allowed(iso));
    shown = dayOf(begin ?? words.today);
    form.append(dialog);
    dialog.showModal();
    draw();
  };
  const choose = (/** @type {HTMLElement} */ button) => {
    if (button.getAttribute("aria-disabled")) return;
    input.value = button.dataset.day ?? "";
    dialog.close();
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
  };

  const offer = (/** @type {HTMLElement} */ field) => {
    const label = field.closest(".t-field")?.querySelector(".label")?.firstChild?.textContent?.trim();
    const box = made("span", { class: "t-date" });
    field.replaceWith(box);
    box.append(field, made("button", { type: "button", class: "t-date__button", "data-calendar": "", "aria-haspopup": "dialog", "aria-label": fill(words.choose, { label }) }, icon()));
  };
  const offerAll = () => all(form, ":not(.t-date) > input.t-input--date").forEach(offer);
  offerAll();
  form.addEventListener("rows-changed", offerAll);
  form.addEventListener("click", (event) => {
    const button = closest(event, "[data-calendar]");
    if (button) open(button);
  });
  dialog.addEventListener("click", (event) => {
    const button = closest(event, "button");
    if (event.target === dialog || button?.matches("[data-close]")) dialog.close();
    else if (button?.dataset.day) choose(button);
    else if (button?.dataset.month) {
      shown = later(shown, 0, Number(button.dataset.month));
      draw(false);
      one(dialog, `[data-month="${button.dataset.month}"]`).focus();
    }
  });
  for (const kind of ["input", "change"])
    dialog.addEventListener(kind, (event) => {
      event.stopPropagation(); // no answer of the form
      const list = /** @type {HTMLSelectElement | null} */ (closest(event, "[data-year]"));
      if (!list || kind === "input") return;
      shown = later(shown, 0, 12 * (Number(list.value) - shown.getUTCFullYear()));
      draw(false);
      one(dialog, "[data-year]").focus();
    });
  dialog.addEventListener("close", () => {
    dialog.remove();
    one(/** @type {HTMLElement} */ (input.closest(".t-date")), "[data-calendar]").focus();
  });
  dialog.addEventListener("keydown", (event) => {
    if (!closest(event, "[data-day]")) return;
    const weekday = (shown.getUTCDay() + 6) % 7;
    const moved = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [-7, 0], ArrowDown: [7, 0], Home: [-weekday, 0], End: [6 - weekday, 0], PageUp: [0, -1], PageDown: [0, 1] }[event.key];
    if (!moved) return;
    event.preventDefault();
    shown = later(shown, moved[0], moved[1] * (event.shiftKey ? 12 : 1));
    draw();
  });
}
