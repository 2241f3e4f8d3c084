/** Edits a text until it can be stored, or the user gives up. */
import type { EditedFile } from '../container/edit-text.js';
import { askYesNo } from './ask.js';
import { answer, note } from './output.js';
import { renderError } from './render-error.js';

/**
 * @param what is edited, for messages
 * @param save stores the text; whether it differs from what was there. What it throws is shown, and on a terminal asked about
 */
export async function editUntilSaved(
  what: string,
  file: EditedFile,
  save: (text: string) => Promise<boolean>,
): Promise<void> {
  let given = true;
  try {
    given = await tryUntilSaved(what, file, save);
  } finally {
    if (given) await file.remove();
    else note(`note: the text is kept in '${file.path}'`);
  }
}

/** False when the user gave up on a text that cannot be saved. */
async function tryUntilSaved(
  what: string,
  { edit }: EditedFile,
  save: (text: string) => Promise<boolean>,
): Promise<boolean> {
  for (;;) {
    const text = await edit();
    try {
      answer((await save(text)) ? `edited ${what}\n` : `${what} is unchanged\n`);
      return true;
    } catch (error) {
      if (!process.stdin.isTTY || !process.stderr.isTTY) throw error;
      note(renderError(error, { debug: Boolean(process.env.CTR_DEBUG) }));
      if (!(await askYesNo('Edit again?'))) {
        process.exitCode = 1;
        return false;
      }
    }
  }
}
