import type { TextFormat } from '../../config/detect-format.js';
import { openEdit } from '../../container/edit.js';
import { makeEditedFile } from '../../container/edit-text.js';
import type { CommandModule } from '../command.js';
import { editUntilSaved } from '../edit-until-saved.js';
import { note } from '../output.js';
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
        await editUntilSaved(`'${name}'`, file, async (text) => {
          const changed = await edit.save(text);
          if (changed !== undefined) tellDefinition(`'${name}'`, changed);
          return changed !== undefined;
        });
      });
  },
};
