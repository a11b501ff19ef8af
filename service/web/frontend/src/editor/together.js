// @ts-check
// Changes that are one undo: all that one field writes, and all that is written into it while one types.

class Acts {
  /** @param {{acts: () => void}} context */
  preExecute({ acts }) {
    acts();
  }
}

export class Together {
  /** @param {any} commandStack a service of bpmn-js */
  constructor(commandStack) {
    this.stack = commandStack;
    this.stack.registerHandler("tresteg.together", Acts);
    /** The field that was written last, and where the stack stood then. @type {{field: string, at: number} | null} */
    this.last = null;
  }

  /**
   * Does several changes as one; one that follows on the same field takes the place of the one before.
   * @param {string} field
   * @param {() => void} acts
   */
  run(field, acts) {
    if (this.last?.field === field && this.last.at === this.stack._stackIdx) this.stack.undo();
    this.stack.execute("tresteg.together", { acts });
    this.last = { field, at: this.stack._stackIdx };
  }

  /** What is written next is an undo of its own. */
  end() {
    this.last = null;
  }
}
