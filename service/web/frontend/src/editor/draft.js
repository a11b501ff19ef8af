// @ts-check
// Keeps the draft: each change is checked after 400 ms and saved after 2 seconds, on the revision it was made from.
import { all, closest, one } from "../shared/dom.js";
import { afterPress } from "../shared/press.js";
import { oneAtATime } from "../shared/one_at_a_time.js";
import { say } from "../page/words.js";

const CHECK = 400;
const SAVE = 2000;
const LONGEST = 60000;

/** @typedef {{show: (findings: any[]) => void, fail: () => void}} FindingsList what each editor shows of them */

/** What is drawn, as XML, and word of every change to it. @typedef {{saveXML: (options: {format: boolean}) => Promise<{xml?: string}>, on: (event: string, act: () => void) => void}} Drawing */

/**
 * @param {Drawing} drawing
 * @param {import("../types").DraftData} data
 * @param {FindingsList} list
 * @param {() => void} saved called when the server has kept what is drawn
 */
export function draft(drawing, data, list, saved = () => {}) {
  const line = one(document, "[data-save]");
  let rev = data.rev;
  /** @type {number} */
  let checking;
  /** @type {number} */
  let saving;
  let changed = false;
  let stopped = false;
  let wait = SAVE;
  let round = 0;

  const status = (/** @type {string} */ text, bad = false) => {
    afterPress().then(() => {
      line.textContent = text;
      line.classList.toggle("t-save--failed", bad);
    });
  };
  const xml = async () => (await drawing.saveXML({ format: true })).xml ?? "";
  const headers = (/** @type {Record<string, string>} */ more = {}) => ({ "Content-Type": "application/xml", "X-CSRF-Token": data.csrf, Accept: "application/json", ...more });

  const check = async () => {
    const mine = ++round;
    try {
      const answer = await fetch(data.lint, { method: "POST", body: await xml(), headers: headers() });
      const { findings } = await answer.json();
      await afterPress();
      if (mine === round && findings) list.show(findings);
    } catch {
      list.fail();
    }
  };
  const put = async () => {
    clearTimeout(saving);
    if (!changed || stopped || !data.edit) return true;
    changed = false;
    status(say("saving"));
    try {
      const answer = await fetch(data.save, { method: "PUT", body: await xml(), headers: headers({ "If-Match": `"r${rev}"` }) });
      if (answer.status === 412 || answer.status === 409) {
        stopped = true;
        const { detail } = await answer.json().catch(() => ({ detail: "" }));
        status(detail || data.words.conflict, true);
        return false;
      }
      const reply = await answer.json();
      if (!answer.ok) throw new Error(reply.detail);
      rev = reply.rev;
      wait = SAVE;
      status(say("saved", { time: reply.saved }));
      if (reply.findings) afterPress().then(() => list.show(reply.findings));
      saved();
      return true;
    } catch (error) {
      changed = true;
      // fetch throws a TypeError when there is no connection; its words are the browser's
      status(error instanceof Error && error.message && !(error instanceof TypeError) ? error.message : say("failed"), true);
      saving = setTimeout(save, wait);
      wait = Math.min(wait * 2, LONGEST);
      return false;
    }
  };

  const { save, busy } = oneAtATime(put);

  drawing.on("commandStack.changed", () => {
    changed = data.edit;
    clearTimeout(checking);
    clearTimeout(saving);
    checking = setTimeout(check, CHECK);
    saving = setTimeout(save, SAVE);
  });
  // What is on the screen is what is published, compared and tried: it is saved before the page is left by a link.
  document.addEventListener("click", async (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (closest(event, "a[href]"));
    if (!link || link.hasAttribute("download") || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!link.href.startsWith(`${location.origin}/`) || link.href.split("#")[0] === location.href.split("#")[0] || !(changed || busy())) return;
    event.preventDefault();
    if (await save()) location.assign(link.href);
  });
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
  // The file link gives what is drawn, not what was saved last.
  all(document, ".t-editor__get")[0]?.addEventListener("click", async (event) => {
    if (!data.edit) return;
    event.preventDefault();
    const address = URL.createObjectURL(new Blob([await xml()], { type: "application/xml" }));
    Object.assign(document.createElement("a"), { href: address, download: data.file }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
  return { save };
}
