import { compilePlan } from '../../container/compiled-plan.js';
import type { CommandModule } from '../command.js';
import { reporting } from '../report-failure.js';

/** For the front door, which holds the container's lock. */
export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>')
      .option('--report')
      .action((name: string, { report }: { report?: boolean }) => reporting(name, report, () => compilePlan(name)));
  },
};
