import { dumpxml } from '../../container/dumpxml.js';
import type { CommandModule } from '../command.js';
import { answer } from '../output.js';

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'a container')
      .option('--inactive', 'what the next start uses, not what is running')
      .action((name: string, { inactive }: { inactive?: boolean }) => answer(dumpxml(name, { inactive })));
  },
};
