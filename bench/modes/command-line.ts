/** What the command line costs beside the start of Node itself. */

import type { Place } from '../place.js';
import { run as runCommand } from '../place.js';
import type { Metric } from '../report/metric.js';
import type { Stopwatch } from '../stopwatch.js';
import { Tally } from './mode.js';

/** The commands take turns, so that a noisy moment hits all of them. Needs no root. */
export async function measureCommandLine(place: Place, stopwatch: Stopwatch, rounds: number): Promise<Metric[]> {
  const commands = {
    'node -e 0': [process.execPath, '-e', '0'],
    'ctr --version': [place.ctr, '--version'],
    'ctr list': [place.ctr, 'list'],
  };
  const tally = new Tally();
  for (const argv of Object.values(commands)) runCommand(place, argv);
  for (let round = 0; round < rounds; round += 1)
    for (const [name, argv] of Object.entries(commands)) tally.add('', name, await stopwatch.run(argv));
  return [
    {
      id: 'command-line',
      title: 'the command line beside Node alone',
      detail: '',
      unit: 'ms',
      statistic: 'median',
      base: 'node -e 0',
      series: tally.series('', Object.keys(commands)),
    },
  ];
}
