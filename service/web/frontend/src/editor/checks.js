// @ts-check
// Promises and scenarios of the draft as it is saved: the server draws them, below the findings.
import { one } from "../shared/dom.js";
import { afterPress } from "../shared/press.js";

/** @param {string} address */
export function draftChecks(address) {
  const place = one(document, "[data-checks]");
  let round = 0;
  /** Which are unfolded stays as somebody left it. */
  const shown = () => [...place.querySelectorAll("details")].map(({ open }) => open);
  const load = async () => {
    const mine = ++round;
    try {
      const answer = await fetch(address);
      if (!answer.ok || mine !== round) return;
      const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
      await afterPress();
      if (mine !== round) return;
      const before = shown();
      place.replaceChildren(...body.childNodes);
      place.querySelectorAll("details").forEach((fold, index) => (fold.open = before[index] ?? fold.open));
    } catch {
      // what stands there stays; the next save asks again
    }
  };
  load();
  return load;
}
