// @ts-check
// The layout of a form: form-js's editor. Each change is saved two seconds later, on the revision it was made from; the server keeps what form-js
// does not know.
import { FormEditor } from "@bpmn-io/form-js-editor";
import { byId, one, pageData } from "./shared/dom.js";
import { afterPress } from "./shared/press.js";
import { stampStyles } from "./shared/nonce.js";
import { oneAtATime } from "./shared/one_at_a_time.js";

const PAUSE = 2000;
const data = /** @type {import("./types").LayoutData} */ (pageData("layout-data"));
stampStyles(data.nonce);
const line = one(document, "[data-save]");
const editor = new FormEditor({ container: byId("layout"), renderer: { compact: false } });
await editor.importSchema(data.schema);

let { rev } = data;
let changed = false;
let stopped = !data.edit;
/** @type {number} */
let timer;
const say = (/** @type {string} */ text, bad = false) => {
  afterPress().then(() => {
    line.textContent = text;
    line.classList.toggle("t-save--failed", bad);
  });
};

async function put() {
  clearTimeout(timer);
  if (!changed || stopped) return;
  changed = false;
  say(data.words.saving);
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": data.csrf, Accept: "application/json", "If-Match": `"r${rev}"` };
  const answer = await fetch(data.save, { method: "PUT", headers, body: JSON.stringify(editor.saveSchema()) }).catch(() => null);
  const reply = await answer?.json().catch(() => null);
  if (answer?.ok) rev = reply.rev;
  else changed = true;
  stopped = answer?.status === 409;
  if (!answer?.ok && !stopped) timer = setTimeout(save, 5 * PAUSE);
  say(reply?.detail ?? data.words.failed, !answer?.ok);
}
const { save } = oneAtATime(put);

editor.on("changed", () => {
  changed = true;
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
});
one(document, "[data-do=save]").addEventListener("click", save);
addEventListener("beforeunload", (event) => changed && !stopped && event.preventDefault());
document.documentElement.dataset.ready = "layout";
