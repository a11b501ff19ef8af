// @ts-check
// Forms that make or show a passkey: the browser is asked when the form is sent, and its answer goes with the form.
// Without the browser's own methods the forms stay hidden, and the page says so.
import { all } from "../shared/dom.js";

export function passkeys() {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  for (const hint of all(document, "[data-no-passkeys]")) hint.hidden = true;
  for (const form of /** @type {HTMLFormElement[]} */ (all(document, "form[data-passkey]"))) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      if (answerOf(form).value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void ask(form);
    }, { capture: true });
  }
}

/** @param {HTMLFormElement} form */
async function ask(form) {
  const failed = all(form, "[data-failed]")[0];
  if (failed) failed.hidden = true;
  try {
    const credential = /** @type {PublicKeyCredential | null} */ (await asked(form));
    if (!credential) return;
    answerOf(form).value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch {
    if (failed) failed.hidden = false;
  }
}

/** @param {HTMLFormElement} form */
function asked(form) {
  const given = JSON.parse(form.dataset.options ?? "{}");
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(given) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(given) });
}

/** @param {HTMLFormElement} form */
function answerOf(form) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem("answer"));
}
