// @ts-check
// The table of a replay's lines, fifty at a time: the page with the line that is shown.
import { all, closest, one } from "../shared/dom.js";
import { fill } from "../shared/text.js";
import { looked, made } from "./card.js";

const PAGE = 50;

/**
 * @param {HTMLElement} table
 * @param {import("../types").ReplayData} data
 * @param {import("../types").Words} words
 * @param {(kind: string) => Node | null} mark
 */
export function lineTable(table, data, words, mark) {
  const { steps, first } = data;
  const body = one(table, "tbody");
  const pager = /** @type {HTMLElement} */ (table.nextElementSibling);
  let page = -1;

  /** @param {number} index */
  const rowOf = (index) => {
    const step = steps[index];
    const row = document.createElement("tr");
    row.className = "table__row";
    row.setAttribute("role", "row");
    if (data.broken !== null && step.n >= data.broken) row.classList.add(step.n === data.broken ? "t-broken" : "t-unproven");
    /** @type {(label: string, ...content: (string | Node | null)[]) => HTMLElement} */
    const cell = (label, ...content) => {
      const one = document.createElement("td");
      one.className = "table__column";
      one.setAttribute("role", "cell");
      one.dataset.label = label;
      one.append(...content.filter((part) => part !== null));
      return one;
    };
    const link = /** @type {HTMLAnchorElement} */ (made("a", step.text));
    link.href = `?at=${step.n}`;
    link.dataset.at = String(first + index + 1);
    const by = step.by ? made("small", step.by) : null;
    const looks = step.reads ? made("small", looked(step, words)) : null;
    const broken = step.n === data.broken ? made("strong", words.broken) : null;
    row.append(
      cell(words.line, String(first + index + 1)),
      cell(words.field, mark(step.who), " ", made("span", `${step.kind_name}:`, "sr-only"), " ", link, " ", by, looks, broken),
      cell(words.when, step.when ?? ""),
      cell(words.releases, data.releases.length ? data.releases[step.release].name : ""),
    );
    return row;
  };
  /** @param {number} number of the page, counted over the whole history */
  const draw = (number) => {
    page = number;
    const from = Math.max(0, number * PAGE - first);
    const to = Math.min(steps.length, (number + 1) * PAGE - first);
    body.replaceChildren(...Array.from({ length: to - from }, (_, index) => rowOf(from + index)));
    one(pager, '[data-part="between"]').textContent = fill(words.between, { first: first + from + 1, last: first + to, of: data.of });
    for (const link of all(pager, "[data-page]")) link.remove();
    if (from > 0) pager.prepend(turn(-1, from - 1));
    if (to < steps.length) pager.append(turn(1, to));
  };
  const signs = new Map(all(pager, "[data-page]").map((link) => [link.dataset.page, link]));
  /** @type {(by: 1 | -1, index: number) => HTMLElement} */
  const turn = (by, index) => {
    const link = /** @type {HTMLAnchorElement} */ (signs.get(String(by)) ?? made("a", by < 0 ? words.previous : words.next));
    link.dataset.page = String(by);
    link.href = `?at=${steps[index].n}#lines`;
    return link;
  };
  pager.addEventListener("click", (event) => {
    const link = closest(event, "[data-page]");
    if (!link) return;
    event.preventDefault();
    draw(page + Number(link.dataset.page));
    one(body, "a").focus();
  });
  /** Shows the page on which a line stands, and marks the line. @param {number} index */
  return (index) => {
    const wanted = Math.floor((first + index) / PAGE);
    if (wanted !== page) draw(wanted);
    for (const before of all(body, "[aria-current]")) before.removeAttribute("aria-current");
    const link = all(body, `[data-at="${first + index + 1}"]`)[0];
    link?.setAttribute("aria-current", "true");
    link?.closest("tr")?.setAttribute("aria-current", "true");
  };
}
