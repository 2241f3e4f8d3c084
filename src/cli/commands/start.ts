import { openConsole } from '../../container/enter.js';
import { info } from '../../container/info.js';
import { start } from '../../container/start.js';
import { CtrError } from '../../errors.js';
import type { CommandModule } from '../command.js';
import { describeEnd } from '../describe-exit.js';
import { forEachName } from '../for-each-name.js';
import { answer, note } from '../output.js';

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name...>', 'containers')
      .option('--console', 'join the console once it runs (one container)')
      .action(async (names: string[], { console: join }: { console?: boolean }) => {
        const [first] = names;
        if (join && first !== undefined) {
          if (names.length > 1) throw new CtrError('CTR_USAGE', 'cannot start with --console: it takes one name');
          await start(first);
          process.exitCode = await openConsole(first);
          return;
        }
        await forEachName(names, async (name) => {
          const { ended } = await start(name);
          answer(`started '${name}'\n`);
          if (ended) note(`note: '${name}' has ended already: ${describeEnd(info(name))}`);
        });
      });
  },
};
