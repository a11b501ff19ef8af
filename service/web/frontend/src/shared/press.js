// @ts-check
// A press: a pointer, or the space bar, is down. Whatever moves the page by itself waits for its end, for a browser fires no
// click on a button that has moved away from under the pointer between down and up: the press would be lost, and nobody would know.

/** How long a finger's click may come after the finger has left, in milliseconds; that of a mouse comes with its release. */
const TAP = 400;

let down = false;
/** @type {number} */
let timer;
/** @type {(() => void)[]} */
const waiting = [];

/** Whether something is pressed at this moment. */
export const pressed = () => down;

/** Waits until nothing is pressed and the click of the press, if it has one, was delivered. */
export const afterPress = async () => {
  if (down)
    await new Promise((go) => {
      waiting.push(() => go(null));
    });
};

const begin = () => {
  clearTimeout(timer);
  down = true;
};
const end = (wait = 0) => {
  if (!down) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    down = false;
    waiting.splice(0).forEach((go) => go());
  }, wait);
};

/** @type {Record<string, (event: any) => unknown>} */
const heard = {
  pointerdown: ({ isPrimary }) => isPrimary && begin(),
  pointerup: ({ isPrimary, pointerType }) => isPrimary && end(pointerType === "mouse" ? 0 : TAP),
  click: () => end(),
  keydown: ({ key }) => (key === " " ? begin() : end()),
  keyup: () => end(),
  // a release that the page never hears of: over a scroll bar, the list of a select, a menu, another window
  pointermove: ({ buttons, pointerType }) => pointerType === "mouse" && !buttons && end(),
  pointercancel: () => end(),
  contextmenu: () => end(),
  dragend: () => end(),
  blur: ({ target }) => target === window && end(),
};
for (const [kind, hear] of Object.entries(heard)) addEventListener(kind, hear, true);
