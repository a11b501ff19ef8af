// @ts-check
// Two minutes before an idle session ends, a line offers to stay. Every call to the server, also a saving, starts the time anew.
import { afterPress } from "../shared/press.js";
import { say } from "./words.js";

const MINUTE = 60000;

export function session() {
  const idle = Number(document.body.dataset.idle);
  const line = document.getElementById("session");
  if (!idle || !line) return;
  const [text, stay] = /** @type {HTMLElement[]} */ ([...line.children]);
  /** @type {number} */
  let soon;
  /** @type {number} */
  let over;

  const begin = () => {
    afterPress().then(() => (line.hidden = true));
    clearTimeout(soon);
    clearTimeout(over);
    soon = setTimeout(() => warn("soon"), (idle - 2) * MINUTE);
    over = setTimeout(() => warn("back"), idle * MINUTE);
  };
  /** @param {"soon" | "back"} key */
  const warn = async (key) => {
    await afterPress();
    text.textContent = say(key)
      .split(". ")
      .slice(0, key === "soon" ? 1 : 2)
      .join(". ");
    stay.dataset.over = key === "back" ? "1" : "";
    line.hidden = false;
  };
  stay.addEventListener("click", async () => {
    if (stay.dataset.over) return location.reload();
    if ((await fetch("/help", { method: "HEAD" })).ok) begin();
  });
  const call = window.fetch;
  window.fetch = async (...request) => {
    const answer = await call(...request);
    if (answer.ok && request[1]?.method === "POST") begin();
    return answer;
  };
  begin();
}
