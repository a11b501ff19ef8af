// Keeps the draft: each change is checked after 400 ms and saved after 2 seconds, on the revision it was made from.
const CHECK = 400;
const SAVE = 2000;
const LONGEST = 60000;

export function draft(modeler, data, list) {
  const line = document.querySelector("[data-save]");
  const publish = document.querySelector("[data-publish]");
  const page = JSON.parse(document.getElementById("words").textContent);
  let rev = data.rev,
    checking,
    saving,
    changed = false,
    stopped = false,
    wait = SAVE,
    round = 0,
    running = null;

  const tell = (text, bad = false) => {
    line.textContent = text;
    line.classList.toggle("t-save--failed", bad);
  };
  const xml = async () => (await modeler.saveXML({ format: true })).xml;
  const headers = (more = {}) => ({ "Content-Type": "application/xml", "X-CSRF-Token": data.csrf, Accept: "application/json", ...more });

  const check = async () => {
    const mine = ++round;
    try {
      const answer = await fetch(data.lint, { method: "POST", body: await xml(), headers: headers() });
      const { findings } = await answer.json();
      if (mine === round && findings) list.show(findings);
    } catch {
      list.fail();
    }
  };
  const save = () => (running ??= put().finally(() => (running = null)));
  const put = async () => {
    clearTimeout(saving);
    if (!changed || stopped || !data.edit) return true;
    changed = false;
    tell(page.saving);
    try {
      const answer = await fetch(data.save, { method: "PUT", body: await xml(), headers: headers({ "If-Match": `"r${rev}"` }) });
      if (answer.status === 412 || answer.status === 409) {
        stopped = true;
        tell(data.words.conflict, true);
        return false;
      }
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.detail);
      rev = told.rev;
      wait = SAVE;
      tell(page.saved.replace("{time}", told.saved));
      if (told.findings) list.show(told.findings);
      return true;
    } catch (error) {
      changed = true;
      tell(error.message && !(error instanceof TypeError) ? error.message : page.failed, true);
      saving = setTimeout(save, wait);
      wait = Math.min(wait * 2, LONGEST);
      return false;
    }
  };

  modeler.on("commandStack.changed", () => {
    changed = true;
    clearTimeout(checking);
    clearTimeout(saving);
    checking = setTimeout(check, CHECK);
    saving = setTimeout(save, SAVE);
  });
  // What is on the screen is what gets published: it is saved first.
  publish?.addEventListener("click", async (event) => {
    if (!changed && !running) return;
    event.preventDefault();
    await running;
    if (await save()) location.assign(publish.href);
  });
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
  // The file link gives what is drawn, not what was saved last.
  document.querySelector(".t-editor__get")?.addEventListener("click", async (event) => {
    event.preventDefault();
    const address = URL.createObjectURL(new Blob([await xml()], { type: "application/xml" }));
    Object.assign(document.createElement("a"), { href: address, download: data.file }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
  return { save };
}
