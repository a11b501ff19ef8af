// Extra keys. The single ones can be switched off in the settings; none of them submits or deletes.

export function keys() {
  const single = document.body.hasAttribute("data-shortcuts");
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === "Enter" && event.target.closest("form.t-form")) toButtons(event);
      return;
    }
    if (event.key === "Escape") return closeMenus(event);
    const typing = event.target.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable], .t-canvas");
    if (!single || typing) return;
    if (event.key === "/") search(event);
    if (event.key === "?") document.getElementById("keys").showModal();
    const list = event.target.closest("[data-list]");
    if (list) inList(event, list);
  });
}

function toButtons(event) {
  event.preventDefault();
  document.querySelector("#buttons button:not(.t-plain)")?.focus();
}

function closeMenus(event) {
  const open = event.target.closest("details.t-act[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
}

function search(event) {
  event.preventDefault();
  const field = document.querySelector("input[type=search]");
  if (field) field.focus();
  else document.querySelector('.t-menu a[href^="/cases"]')?.click();
}

function inList(event, list) {
  const rows = [...list.children];
  const here = rows.indexOf(event.target.closest("tr, li"));
  const step = { j: 1, k: -1 }[event.key];
  if (step) rows[here + step]?.querySelector("a")?.focus();
  if (event.key === "x") rows[here]?.querySelector("input[type=checkbox]")?.click();
}
