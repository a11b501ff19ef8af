// @ts-check
// In which state each element is at a revision, worked out from the changes that the server sends.

/** @typedef {import("../types").Moment} Moment */
/** @typedef {import("../types").ElementState} ElementState */

/** From the mildest to the gravest. @type {import("../types").State[]} */
const ORDER = ["done", "waiting", "active", "overdue", "incident"];

/**
 * Each moment whole, so that the slider can jump; the server sends of what is done only what each revision adds.
 * @param {Record<string, Moment>} moments by revision
 */
export function wholeMoments(moments) {
  /** @type {Map<number, Moment>} */
  const found = new Map();
  /** @type {Map<string, number>} */
  let done = new Map();
  const revisions = Object.keys(moments).map(Number).sort((a, b) => a - b);
  for (const rev of revisions) {
    done = new Map([...done, ...moments[rev].done]);
    found.set(rev, { done, tokens: moments[rev].tokens });
  }
  return found;
}

/**
 * Each element once, with its gravest state and how often it was passed.
 * @param {Moment} [moment]
 */
export function statesOf({ done, tokens } = { done: [], tokens: [] }) {
  /** @type {Map<string, ElementState>} */
  const found = new Map();
  /** @type {(id: string, state: import("../types").State, times?: number) => void} */
  const put = (id, state, times = 1) => {
    const before = found.get(id);
    if (before && ORDER.indexOf(state) < ORDER.indexOf(before.state)) return;
    found.set(id, { state, times: Math.max(times ?? 1, before?.times ?? 1) });
  };
  for (const [id, times] of done) put(id, "done", times);
  for (const [id, state, times] of tokens) put(id, state, times);
  return found;
}

/**
 * The step that a person wants to see first: of those that go on, the first of the gravest state. A task that is open goes before a
 * clock that runs beside it.
 * @param {Map<string, ElementState>} states
 * @param {(id: string) => boolean} isFrame whether an element goes on only because something in it does
 */
export function stepToSee(states, isFrame) {
  let found = /** @type {string | undefined} */ (undefined), gravest = 0;
  for (const [id, { state }] of states) {
    const grave = ORDER.indexOf(state);
    if (grave > gravest && !isFrame(id)) [found, gravest] = [id, grave];
  }
  return found;
}
