import { compileRun, type RunOptions } from '../../container/compile-run.js';
import type { CommandModule } from '../command.js';
import { addHotOptions } from '../hot-verbs.js';
import { reporting } from '../report-failure.js';

/** For the front door, which holds the slot. */
export const command: CommandModule = {
  failureStatus: 125,
  configure(command) {
    command.argument('<slot>').argument('<file>').argument('<name>').option('--terminal');
    addHotOptions(command, 'run');
    command.action((slot: string, file: string, name: string, options: RunOptions & { report?: boolean }) =>
      reporting('', options.report, () => compileRun({ number: Number(slot), file, name }, options)),
    );
  },
};
