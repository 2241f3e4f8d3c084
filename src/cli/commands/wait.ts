import { wait } from '../../container/wait.js';
import { CtrError } from '../../errors.js';
import type { CommandModule } from '../command.js';
import { describeEnd, exitStatusOfContainer } from '../describe-exit.js';
import { answer } from '../output.js';
import { parseSeconds } from '../values.js';

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'a container')
      .option('--timeout <seconds>', 'give up after this time', parseSeconds)
      .addHelpText('after', "\nThe exit status is the container's: that of its init, 128+n for signal n.")
      .action(async (name: string, { timeout }: { timeout?: number }) => {
        const ended = await wait(name, { timeoutMs: timeout });
        if (ended === undefined) {
          throw new CtrError(
            'CTR_RUNNING',
            `cannot wait for '${name}': it still runs after ${(timeout ?? 0) / 1000} s`,
          );
        }
        answer(`${name}: ${describeEnd(ended)}\n`);
        process.exitCode = exitStatusOfContainer(ended);
      });
  },
};
