import type { CommandModule } from '../command.js';
import { addHotOptions } from '../hot-verbs.js';
import { arrangeRunArgs } from '../run-args.js';

export const command: CommandModule = {
  handsOver: true,
  arrange: arrangeRunArgs,
  failureStatus: 125,
  configure(command) {
    command
      .usage('[options] [--] <command> [argument...]')
      .argument('[command]', 'program, found by the PATH inside')
      .argument('[argument...]')
      .addHelpText(
        'after',
        `
The container has all namespaces of its own, host ids that nobody else has, few
capabilities and no device but the usual six. Nothing that it writes stays, but
in a --bind; there root inside is the owner of the directory.

The exit status is the command's: 126 not executable, 127 not found, 128+n
ended by signal n, 124 out of time, 137 killed also when it had no more memory
(stderr says so); 125 means that ctr itself failed.

  ctr run -- sh -c 'id; ls /home'
  ctr run --bind . -w "$PWD" --memory 512M --timeout 1m -- npm test
  ctr run --from web --net none -t -- sh

With --boot the words behind the options are the arguments of the tree's init.
It ends when the system powers off; ^] three times within a second kills it.

  ctr run --rootfs /srv/tree --boot --ephemeral`,
      );
    addHotOptions(command, 'run').hook('preAction', () => {
      const { boot, tty, workdir, report } = command.opts<Record<string, unknown>>();
      if (boot && tty === false) command.error('error: --boot gives its init a terminal: not with --no-tty');
      if (boot && workdir !== undefined) command.error('error: --workdir is of a command: not with --boot');
      if (boot && report) command.error('error: --report is of a command: not with --boot');
      if (!boot && command.args.length === 0) command.error("error: missing required argument 'command'");
    });
  },
};
