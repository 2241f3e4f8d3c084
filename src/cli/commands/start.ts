import { CtrError } from '../../errors.js';
import type { CommandModule } from '../command.js';
import { addHotOptions, addNames } from '../hot-verbs.js';

interface Options {
  all?: boolean;
  console?: boolean;
}

export const command: CommandModule = {
  handsOver: true,
  configure(command) {
    addNames(command, 'containers');
    addHotOptions(command, 'start').hook('preAction', () => {
      const { all, console: join } = command.opts<Options>();
      if (join && (all || command.args.length > 1)) {
        throw new CtrError('CTR_USAGE', 'cannot start with --console: it takes one name');
      }
    });
  },
};
