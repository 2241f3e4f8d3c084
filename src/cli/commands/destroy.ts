import { destroy } from '../../container/stop.js';
import type { CommandModule } from '../command.js';
import { forEachName } from '../for-each-name.js';
import { answer } from '../output.js';

export const command: CommandModule = {
  configure(command) {
    command.argument('<name...>', 'running containers').action((names: string[]) =>
      forEachName(names, async (name) => {
        await destroy(name);
        answer(`killed '${name}'\n`);
      }),
    );
  },
};
