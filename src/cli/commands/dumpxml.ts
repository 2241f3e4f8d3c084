import { dumpConverted } from '../../container/dumpxml.js';
import { loadFormatsOf } from '../../container/load-formats-of.js';
import type { CommandModule } from '../command.js';
import { answer, note } from '../output.js';
import { visible } from '../visible.js';

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'a container')
      .option('--inactive', 'what the next start uses, not what is running')
      .action(async (name: string, { inactive }: { inactive?: boolean }) => {
        await loadFormatsOf(name);
        const { text, losses } = dumpConverted(name, { inactive });
        for (const loss of losses) note(visible(`warning: ${loss}`));
        answer(text);
      });
  },
};
