// @ts-check
// Unsent answers: saved 2 seconds after the last key and when a field is left. Nothing is kept in the browser's storage.
import { all, one } from "../shared/dom.js";
import { afterPress } from "../shared/press.js";
import { dropFiles } from "./files.js";
import { say } from "./words.js";

const PAUSE = 2000;
const LONGEST = 60000;

/** @param {HTMLFormElement} form */
export function unsent(form) {
  const line = one(form, "[data-save]");
  const sent = new AbortController();
  const address = form.dataset.unsent ?? "";
  /** @type {number} */
  let timer;
  let wait = PAUSE;
  let changed = false;
  let saving = false;
  let failed = false;
  let leaving = false;

  const status = (/** @type {string} */ text, bad = false) => {
    failed = bad;
    afterPress().then(() => {
      line.textContent = text;
      line.classList.toggle("t-save--failed", bad);
    });
  };
  /** @param {string} rev */
  const revision = (rev) => {
    /** @type {HTMLInputElement} */ (one(form, "[name=fill_rev]")).value = rev;
  };
  /** @param {number} delay */
  const plan = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };
  const save = async () => {
    if (saving || leaving || !changed) return;
    saving = true;
    changed = false;
    status(say("saving"), failed);
    try {
      const answer = await fetch(address, { method: "POST", body: typed(form), headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang }, signal: sent.signal });
      if (leaving) return;
      if (!answer.ok) return await refused(answer);
      const { saved, fill_rev: rev, gone } = await answer.json();
      if (rev !== undefined) revision(rev);
      wait = PAUSE;
      await afterPress();
      if (leaving) return;
      const [claim] = all(document, "[data-claim]"); // the first text that is saved claims the task
      if (claim) claim.textContent = claim.dataset.claim ?? "";
      const dropped = dropFiles(form, gone ?? []);
      status(`${dropped ? `${say("file_gone")} ` : ""}${say("saved", { time: saved })}`);
      form.dispatchEvent(new Event("saved"));
    } catch {
      if (leaving) return;
      changed = true;
      status(say(navigator.onLine ? "failed" : "offline"), true);
      plan(wait);
      wait = Math.min(wait * 2, LONGEST);
    } finally {
      saving = false;
      if (changed && !failed) plan(PAUSE);
    }
  };
  // The server has an answer that trying again will not change: the task is closed, taken, or the session has ended.
  /** @param {Response} answer */
  const refused = async (answer) => {
    if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    const problem = await answer.json().catch(() => ({}));
    // "foreign": she has signed in anew since this page was drawn
    if (answer.status === 401 || problem.code === "foreign") return status(say("over"), true);
    // a colleague has the task: the text is kept all the same, and the next saving goes on from it
    if (problem.code === "task_taken" && problem.fill_rev !== undefined) revision(problem.fill_rev);
    status(problem.detail ?? say("failed"), problem.code !== "task_taken");
  };

  form.addEventListener("input", () => {
    changed = true;
    plan(PAUSE);
  });
  form.addEventListener("focusout", () => changed && plan(0));
  form.addEventListener("submit", () => {
    leaving = true;
    sent.abort(); // the answers go with the form; a saving that comes after them would find no task
    clearTimeout(timer);
  });
  addEventListener("beforeunload", (event) => failed && !leaving && event.preventDefault());
  addEventListener("online", () => failed && plan(0));
}

/**
 * What was typed, without files and without the key of the sending itself.
 * @param {HTMLFormElement} form
 */
export function typed(form) {
  const data = new FormData(form);
  data.delete("_once");
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}
