import { openConsole } from '../../container/enter.js';
import type { CommandModule } from '../command.js';
import { parseConsole, parseEscape } from '../values.js';

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'a running container')
      .option('--devname <console>', "which one: 'console0', 'console1', …", parseConsole)
      .option('--escape <key>', "key that leaves it (default: '^]')", parseEscape)
      .action(async (name: string, options: { devname?: number; escape?: number }) => {
        process.exitCode = await openConsole(name, { index: options.devname, escapeCode: options.escape });
      });
  },
};
