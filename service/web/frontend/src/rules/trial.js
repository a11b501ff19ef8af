// @ts-check
// The form that tries a rule: what is on the screen is saved first, the server answers, and the rows that fire are lit in the table.
import { make } from "../editor/dom.js";
import { all, byId, one } from "../shared/dom.js";
import { afterPress } from "../shared/press.js";

/** @typedef {{sentence: string, fine: boolean, rows: {number: number, outputs: [string, string][], note: string}[], faults: Record<string, string> | null}} Trial */

/**
 * @param {{words: import("../types").Words, row: string}} texts
 * @param {() => Promise<boolean>} save
 * @param {(rows: number[]) => void} light
 */
export function trial({ words, row: rowWord }, save, light) {
  const form = /** @type {HTMLFormElement} */ (one(document, "[data-try]"));
  const said = one(document, "[data-tried]");
  const stop = "t-rule-try__said--stop";

  /** @param {Record<string, string>} faults */
  const mark = (faults) => {
    for (const line of all(form, "[data-fault]")) {
      const name = line.dataset.fault ?? "";
      const fault = faults[name] ?? "";
      line.textContent = fault;
      line.hidden = !fault;
      line.closest(".t-field")?.classList.toggle("t-field--error", Boolean(fault));
      const field = byId(`in.${name}`);
      if (fault) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
    all(form, "[aria-invalid]")[0]?.focus();
  };
  /** @param {string} sentence @param {boolean} fine @param {Trial["rows"]} rows */
  const tell = (sentence, fine, rows) => {
    const parts = rows.flatMap(({ number, outputs, note }) => [
      make("dt", {}, `${rowWord} ${number} `, ...(note ? [make("small", {}, note)] : [])),
      ...outputs.map(([label, text]) => make("dd", {}, `${label}: `, make("strong", {}, text))),
    ]);
    said.className = `t-rule-try__said${fine ? "" : ` ${stop}`}`;
    said.replaceChildren(make("p", {}, make("strong", {}, sentence)), ...(parts.length ? [make("dl", {}, ...parts)] : []));
    light(rows.map(({ number }) => number));
  };
  const ask = async () => {
    if (!(await save())) throw new Error("not saved");
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return /** @type {Promise<Trial>} */ (answer.json());
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const { sentence, fine, rows, faults } = await ask();
      await afterPress();
      mark(faults ?? {});
      tell(sentence, fine, rows);
    } catch {
      tell(words.not_tried, false, []);
    }
  });
}
