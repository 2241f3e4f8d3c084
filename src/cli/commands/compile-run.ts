import { Option } from 'commander';
import { compileRun, type RunOptions } from '../../container/compile-run.js';
import type { CommandModule } from '../command.js';
import { addHotOptions } from '../hot-verbs.js';
import { note } from '../output.js';
import { reporting } from '../report-failure.js';
import { collect } from '../values.js';

/** For the front door, which holds the slot. */
export const command: CommandModule = {
  failureStatus: 125,
  configure(command) {
    command.argument('<slot>').argument('<file>').argument('<name>').option('--terminal');
    command.addOption(new Option('--init-arg <word>').argParser(collect));
    addHotOptions(command, 'run');
    command.action((slot: string, file: string, name: string, options: RunOptions & { report?: boolean }) =>
      reporting('', options.report, async () => {
        const notes = await compileRun({ number: Number(slot), file, name }, options);
        // Of a program's run, stderr is that of the command.
        if (!options.report) for (const line of notes) note(`note: ${line}`);
      }),
    );
  },
};
