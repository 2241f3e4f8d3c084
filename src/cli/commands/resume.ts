import type { CommandModule } from '../command.js';
import { addHotOptions, addNames } from '../hot-verbs.js';

export const command: CommandModule = {
  handsOver: true,
  configure(command) {
    addNames(command, 'paused containers');
    addHotOptions(command, 'resume');
  },
};
