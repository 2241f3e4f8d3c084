import type { TextFormat } from '../../config/detect-format.js';
import { type Edit, openEdit } from '../../container/edit.js';
import { makeEditedFile } from '../../container/edit-text.js';
import { askYesNo } from '../ask.js';
import type { CommandModule } from '../command.js';
import { answer, note } from '../output.js';
import { renderError } from '../render-error.js';
import { tellDefinition } from '../tell-definition.js';

/** Editors colour a text by the ending of its file. */
const ENDINGS: Readonly<Record<TextFormat, string>> = {
  libvirt: '.xml',
  nspawn: '.nspawn',
  lxc: '.conf',
  oci: '.json',
  json: '.json',
};

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'a container')
      .addHelpText('after', '\nThe editor is $VISUAL, $EDITOR or vi. The next start uses what is saved.')
      .action(async (name: string) => {
        const edit = openEdit(name);
        for (const [key, value] of Object.entries(edit.limits))
          note(`note: '${name}' has ${key}=${value} besides, set beside its text: ctr set ${name} changes it`);
        const file = await makeEditedFile(`${name}${ENDINGS[edit.format]}`, edit.text);
        let given = true;
        try {
          given = await editUntilSaved(name, edit.save, file.edit);
        } finally {
          if (given) await file.remove();
          else note(`note: the text is kept in '${file.path}'`);
        }
      });
  },
};

/** False when the user gave up on a text that cannot be saved. */
async function editUntilSaved(name: string, save: Edit['save'], edit: () => Promise<string>): Promise<boolean> {
  for (;;) {
    const text = await edit();
    try {
      const changed = await save(text);
      if (changed !== undefined) tellDefinition(`'${name}'`, changed);
      answer(changed === undefined ? `'${name}' is unchanged\n` : `edited '${name}'\n`);
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
