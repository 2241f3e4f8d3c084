import { bootstrap, TEMPLATES, type TemplateName } from '../../container/bootstrap.js';
import type { CommandModule } from '../command.js';
import { answer, createStatusLine, note } from '../output.js';
import { formatFields } from '../table.js';
import { parseCount, parseSize } from '../values.js';

interface Options {
  template: TemplateName;
  memory?: number;
  pids?: number;
  password?: string;
  network?: string;
}

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'name of the new container')
      .requiredOption('--template <template>', `what to make it from: ${TEMPLATES.join(', ')}`)
      .option('--memory <size>', "limit of memory, as in '64M'", parseSize)
      .option('--pids <count>', 'limit of processes', parseCount)
      .option('--network <name>', "network that it connects to, or 'none' (default: 'default')")
      .option('--password <text>', 'password of root inside; a random one when missing')
      .action(async (name: string, options: Options) => {
        const status = createStatusLine();
        const interrupt = new AbortController();
        const abort = () => interrupt.abort();
        process.once('SIGINT', abort).once('SIGTERM', abort);
        try {
          const { template, password, memory, pids, network } = options;
          const made = await bootstrap(name, {
            template,
            password,
            memoryBytes: memory,
            pids,
            network,
            onProgress: status.show,
            signal: interrupt.signal,
          });
          status.clear();
          for (const line of made.notes) note(`note: ${line}`);
          answer(`made '${name}' from template ${template}\n`);
          const fields = [['rootfs', made.rootfs] as const, ['user', made.user] as const];
          answer(formatFields([...fields, ['password', `${made.password} (shown only now)`]]));
        } finally {
          status.clear();
          process.off('SIGINT', abort).off('SIGTERM', abort);
        }
      });
  },
};
