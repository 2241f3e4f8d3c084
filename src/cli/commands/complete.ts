import type { CommandModule } from '../command.js';
import { completeWords, formatCompletion } from '../completion.js';
import { listNamesFor } from '../completion-names.js';
import { answer } from '../output.js';
import type { ListedVerb } from '../verbs.js';

/** For the stubs of `ctr completion`: `__complete -- WORDS`, up to the cursor. `formatCompletion` is the form of its answer. */
export function makeComplete(verbs: readonly ListedVerb[]): CommandModule {
  return {
    configure(command) {
      command.argument('[words...]').action((words: string[]) => {
        try {
          answer(formatCompletion(completeWords(words, verbs, listNamesFor)));
        } catch {
          // Whatever is said now would stand in the middle of a line that is being written.
        }
      });
    },
  };
}
