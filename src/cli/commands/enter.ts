import { enter } from '../../container/enter.js';
import type { CommandModule } from '../command.js';
import { arrangeEnterArgs } from '../enter-args.js';
import { collectEnv } from '../values.js';

interface Options {
  user?: string;
  workdir?: string;
  env?: Record<string, string>;
  tty?: boolean;
}

export const command: CommandModule = {
  arrange: arrangeEnterArgs,
  failureStatus: 125,
  configure(command) {
    command
      .usage('[options] <name> [options] [--] [command...]')
      .argument('<name>', 'a running container')
      .argument('[command...]', 'program and arguments; the login shell when missing')
      .option('-u, --user <user>', "user inside, or 'USER:GROUP' (default: root)")
      .option('-w, --workdir <dir>', "working directory inside (default: the user's home)")
      .option('-e, --env <name=value>', 'add to its environment; may be repeated', collectEnv)
      .option('-t, --tty', 'give it a terminal, also when stdin is none')
      .option('-T, --no-tty', 'give it no terminal')
      .addHelpText(
        'after',
        `
The exit status is the command's: 126 not executable, 127 not found, 128+n
ended by signal n; 125 means that ctr itself failed.`,
      )
      .action(async (name: string, argv: string[], { user, workdir, env, tty }: Options) => {
        process.exitCode = await enter(name, argv, { user, cwd: workdir, env, tty });
      });
  },
};
