import { defineFile } from '../../container/define.js';
import type { CommandModule } from '../command.js';
import { forEachName } from '../for-each-name.js';
import { answer, note } from '../output.js';

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<file...>', "definitions: libvirt's <domain type='lxc'>; '-' is stdin")
      .action((files: string[]) =>
        forEachName(files, async (file) => {
          const { name, replaced, givesUp, renderedWarnings } = await defineFile(file);
          if (renderedWarnings !== '') note(renderedWarnings);
          for (const line of givesUp) note(`note: ${line}`);
          answer(`${replaced ? 'redefined' : 'defined'} '${name}'\n`);
        }),
      );
  },
};
