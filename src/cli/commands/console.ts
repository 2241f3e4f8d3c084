import type { CommandModule } from '../command.js';
import { addHotOptions } from '../hot-verbs.js';

export const command: CommandModule = {
  handsOver: true,
  configure(command) {
    command.argument('<name>', 'a running container');
    addHotOptions(command, 'console');
  },
};
