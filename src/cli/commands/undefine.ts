import { undefine } from '../../container/undefine.js';
import type { CommandModule } from '../command.js';
import { forEachName } from '../for-each-name.js';
import { answer, note } from '../output.js';

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name...>', 'containers that do not run')
      .option('--remove-storage', 'remove its root file system too, when ctr made it')
      .action((names: string[], { removeStorage }: { removeStorage?: boolean }) =>
        forEachName(names, async (name) => {
          const { keptStorage } = await undefine(name, { removeStorage });
          if (keptStorage !== undefined) note(`note: '${keptStorage}' is still there; with --remove-storage it goes`);
          answer(`undefined '${name}'\n`);
        }),
      );
  },
};
