import type { CommandModule } from '../command.js';
import { addHotOptions } from '../hot-verbs.js';

export const command: CommandModule = {
  handsOver: true,
  configure(command) {
    command
      .argument('<name>', 'a container')
      .addHelpText('after', "\nThe exit status is the container's: that of its init, 128+n for signal n.");
    addHotOptions(command, 'wait');
  },
};
