import { explainRun, explainStart } from '../../container/explain-start.js';
import { loadFormatsOf } from '../../container/load-formats-of.js';
import type { CommandModule } from '../command.js';
import { reporting } from '../report-failure.js';

/** For the front door, when the helper has given up a start. It always fails: that is its answer. */
export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>')
      .argument('<failure>', "the helper's report")
      .option('--report')
      .option('--run', 'nothing defines it')
      .action((name: string, failure: string, { report, run }: { report?: boolean; run?: boolean }) =>
        reporting(name, report, async () => {
          // Root of an ordinary user's first stage, who asks then, would look in the directories of root.
          if (run) throw explainRun(failure);
          await loadFormatsOf(name);
          throw explainStart(name, failure);
        }),
      );
  },
};
