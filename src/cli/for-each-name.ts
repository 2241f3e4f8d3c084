/** Verbs that take several names: each is tried, every failure is told. */
import { note } from './output.js';
import { exitStatusOf, renderError } from './render-error.js';

/** Sets the exit status to that of the first failure. */
export async function forEachName(names: readonly string[], action: (name: string) => Promise<void>): Promise<void> {
  for (const name of names) {
    try {
      await action(name);
    } catch (error) {
      note(renderError(error, { debug: Boolean(process.env.CTR_DEBUG) }));
      process.exitCode ||= exitStatusOf(error);
    }
  }
}
