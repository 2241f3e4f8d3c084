import { stop } from '../../container/stop.js';
import type { CommandModule } from '../command.js';
import { forEachName } from '../for-each-name.js';
import { answer } from '../output.js';
import { parseSeconds } from '../values.js';

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name...>', 'running containers')
      .option('--timeout <seconds>', 'how long each may take before it is killed (default: 10)', parseSeconds)
      .option('--force', 'kill at once')
      .action((names: string[], { timeout, force }: { timeout?: number; force?: boolean }) =>
        forEachName(names, async (name) => {
          const { outcome } = await stop(name, { timeoutMs: timeout, force });
          answer(`${outcome} '${name}'\n`);
        }),
      );
  },
};
