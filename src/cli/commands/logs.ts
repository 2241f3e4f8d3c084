import { logs } from '../../container/logs.js';
import type { CommandModule } from '../command.js';
import { createConsoleFilter } from '../console-filter.js';
import { openAnswer } from '../output.js';
import { parseConsole } from '../values.js';

interface Options {
  follow?: boolean;
  raw?: boolean;
  devname?: number;
}

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'a container')
      .option('-f, --follow', 'go on until it ends')
      .option('--raw', 'the bytes as they came, escape sequences included')
      .option('--devname <console>', "which one: 'console0', 'console1', …", parseConsole)
      .action(async (name: string, { follow, raw, devname }: Options) => {
        const filter = raw ? (piece: Buffer) => piece : createConsoleFilter();
        const out = openAnswer();
        for await (const piece of logs(name, { follow, index: devname })) {
          // A slow reader slows us down, instead of filling the memory.
          if (!out.write(filter(piece))) {
            await new Promise((resolve) => out.once('drain', resolve));
          }
        }
      });
  },
};
