import type { CommandModule } from '../command.js';
import { addHotOptions } from '../hot-verbs.js';

export const command: CommandModule = {
  handsOver: true,
  configure(command) {
    command
      .argument('<name>', 'a running container')
      .addHelpText(
        'after',
        `
One terminal types, the others look on: the first that comes, the one that
takes it over, or who types first when nobody does. The last lines are shown
again to who comes late. Leaving ends nothing.`,
      )
      .hook('preAction', () => {
        const { take, watch } = command.opts<{ take?: boolean; watch?: boolean }>();
        if (take && watch) command.error('error: --take and --watch exclude each other');
      });
    addHotOptions(command, 'console');
  },
};
