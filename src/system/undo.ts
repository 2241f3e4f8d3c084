/** Steps that are taken back in reverse order when a later one fails. */
import { debug } from './log.js';

export interface Undo {
  /** Registers how to take back what was just made; `what` is for the log. */
  add(what: string, step: () => Promise<void> | void): void;
  /** Everything went well: nothing will be taken back. */
  clear(): void;
  /** Takes back what is registered, last first. A step that fails does not stop the others; returns what failed. */
  run(): Promise<readonly unknown[]>;
}

/** An empty list of undo steps. */
export function createUndo(): Undo {
  let steps: { what: string; step: () => Promise<void> | void }[] = [];
  return {
    add: (what, step) => void steps.push({ what, step }),
    clear: () => {
      steps = [];
    },
    run: async () => {
      const failures: unknown[] = [];
      const pending = steps.reverse();
      steps = [];
      for (const { what, step } of pending) {
        debug(`undo: ${what}`);
        try {
          await step();
        } catch (error) {
          failures.push(error);
        }
      }
      return failures;
    },
  };
}
