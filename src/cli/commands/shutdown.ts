import { shutdown } from '../../container/stop.js';
import type { CommandModule } from '../command.js';
import { forEachName } from '../for-each-name.js';
import { answer } from '../output.js';
import { parseSeconds } from '../values.js';

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name...>', 'running containers')
      .option('--timeout <seconds>', 'how long to wait for the end of each (default: 60)', parseSeconds)
      .action((names: string[], { timeout }: { timeout?: number }) =>
        forEachName(names, async (name) => {
          await shutdown(name, { timeoutMs: timeout });
          answer(`stopped '${name}'\n`);
        }),
      );
  },
};
