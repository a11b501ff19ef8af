// Unsent answers: saved 2 seconds after the last key and when a field is left. Nothing is kept in the browser's storage.
import { say } from "./words.js";

const QUIET = 2000;
const LONGEST = 60000;

export function unsent(form) {
  const line = form.querySelector("[data-save]");
  const sent = new AbortController();
  let timer,
    again = QUIET,
    changed = false,
    saving = false,
    failed = false,
    leaving = false;

  const tell = (text, bad = false) => {
    line.textContent = text;
    line.classList.toggle("t-save--failed", bad);
    failed = bad;
  };
  const plan = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };
  const save = async () => {
    if (saving || leaving || !changed) return;
    saving = true;
    changed = false;
    tell(say("saving"), failed);
    try {
      const answer = await fetch(form.dataset.unsent, { method: "POST", body: typed(form), headers: { Accept: "application/json" }, signal: sent.signal });
      if (leaving) return;
      if (!answer.ok) return await refused(answer);
      const { saved, fill_rev: rev } = await answer.json();
      if (rev !== undefined) form.elements.fill_rev.value = rev;
      again = QUIET;
      tell(say("saved", { time: saved }));
    } catch {
      if (leaving) return;
      changed = true;
      tell(say(navigator.onLine ? "failed" : "offline"), true);
      plan(again);
      again = Math.min(again * 2, LONGEST);
    } finally {
      saving = false;
      if (changed && !failed) plan(QUIET);
    }
  };
  // The server has an answer that trying again will not change: the task is over, taken, or the session has ended.
  const refused = async (answer) => {
    if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
    const told = await answer.json().catch(() => ({}));
    tell(told.detail ?? say("failed"), true);
  };

  form.addEventListener("input", () => {
    changed = true;
    plan(QUIET);
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

// What was typed, without files and without the key of the sending itself.
export function typed(form) {
  const data = new FormData(form);
  data.delete("_once");
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}
