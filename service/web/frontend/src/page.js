// @ts-check
// What every staff page runs. Each part looks for its own marks in the page and does nothing without them.
import { clearedFaults } from "./page/cleared_faults.js";
import { datePickers } from "./page/date_picker.js";
import { files } from "./page/files.js";
import { keys } from "./page/keys.js";
import { lateParts } from "./page/late_parts.js";
import { marked } from "./page/marked.js";
import { parts } from "./page/parts.js";
import { previews } from "./page/preview.js";
import { rows } from "./page/rows.js";
import { steps } from "./page/steps.js";
import { searches } from "./page/search_list.js";
import { session } from "./page/session.js";
import { unsent } from "./page/unsent.js";
import { all } from "./shared/dom.js";

all(document, "[data-focus]")[0]?.focus();
for (const form of /** @type {HTMLFormElement[]} */ (all(document, "form.t-form"))) {
  clearedFaults(form);
  rows(form);
  files(form);
  searches(form);
  if (form.dataset.unsent) unsent(form);
  if (form.dataset.preview) steps(form, previews(form));
}
for (const form of /** @type {HTMLFormElement[]} */ (all(document, "form"))) datePickers(form);
keys();
parts();
marked();
lateParts();
session();

// htmx notes the path of the page although its history is switched off; an address says which case was open.
addEventListener("pagehide", () => sessionStorage.removeItem("htmx-current-path-for-history"));
// Nobody looks at a hidden page: it asks for nothing until it is seen again.
document.addEventListener("htmx:beforeRequest", (event) => document.hidden && event.preventDefault());
