import { Argument } from 'commander';
import type { CommandModule } from '../command.js';
import { COMPLETION_SCRIPTS } from '../completion-scripts.js';
import { SHELLS, type Shell } from '../completion-table.js';
import { answer } from '../output.js';

export const command: CommandModule = {
  configure(command) {
    command
      .addArgument(new Argument('<shell>', 'which shell it is for').choices(SHELLS))
      .addHelpText(
        'after',
        `
In bash and zsh:  source <(ctr completion bash)
In fish:          ctr completion fish | source`,
      )
      .action((shell: Shell) => answer(COMPLETION_SCRIPTS[shell]));
  },
};
