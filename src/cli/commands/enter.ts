import type { CommandModule } from '../command.js';
import { arrangeEnterArgs } from '../enter-args.js';
import { addHotOptions } from '../hot-verbs.js';

export const command: CommandModule = {
  handsOver: true,
  arrange: arrangeEnterArgs,
  failureStatus: 125,
  configure(command) {
    command
      .usage('[options] <name> [options] [--] [command...]')
      .argument('<name>', 'a running container')
      .argument('[command...]', 'program and arguments; the login shell when missing')
      .addHelpText(
        'after',
        `
The exit status is the command's: 126 not executable, 127 not found, 128+n
ended by signal n; 125 means that ctr itself failed.`,
      );
    addHotOptions(command, 'enter');
  },
};
