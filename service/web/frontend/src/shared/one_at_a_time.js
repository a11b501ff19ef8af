// @ts-check
// Saves one thing at a time. What is asked for while a saving runs begins when that has ended, so that the newest is saved.

/**
 * @template Result
 * @param {() => Promise<Result>} put
 * @returns {{save: () => Promise<Result>, busy: () => boolean}}
 */
export function oneAtATime(put) {
  /** @type {Promise<Result> | null} */
  let running = null;
  /** @returns {Promise<Result>} */
  const save = () => {
    if (running) return running.then(save, save);
    running = put().finally(() => (running = null));
    return running;
  };
  return { save, busy: () => running !== null };
}
