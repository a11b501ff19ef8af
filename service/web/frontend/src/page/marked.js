// @ts-check
// The bar above a list says how many rows are marked; the style sheet shows it while one is.
import { all } from "../shared/dom.js";

export function marked() {
  for (const bar of all(document, ".t-bulk")) {
    const form = bar.closest("form");
    const [count] = all(bar, "[data-count]");
    if (!form || !count) continue;
    const tell = () => {
      const n = all(form, "[name=task]:checked").length;
      const text = n === 1 ? count.dataset.countOne : count.dataset.count?.replace("{n}", String(n));
      if (n) count.textContent = text ?? "";
    };
    form.addEventListener("change", tell);
    addEventListener("pageshow", tell);
    tell();
  }
}
