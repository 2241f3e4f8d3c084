/** /bin/true in a new container, until the command returns. */
import type { Metric } from '../report/metric.js';
import { attempt, describeIdle, type Run, Tally, waitIdle } from './mode.js';
import { measureResidentRun } from './resident-run.js';

export async function measureOneShot(run: Run): Promise<Metric[]> {
  const { bench, peers, options } = run;
  const tally = new Tally();
  for (const peer of peers.present) if (peer.noOneShot !== undefined) tally.skip(peer.name, peer.noOneShot);
  const able = peers.present.filter((peer) => peer.noOneShot === undefined);
  // The first round warms up.
  for (let round = 0; round <= options.rounds; round += 1) {
    run.say(`round ${round} of ${options.rounds}`);
    for (const peer of able) {
      const argv = peer.oneShot?.();
      if (argv === undefined) continue;
      await attempt(run, tally, peer, [], async () => {
        await waitIdle(run);
        const ms = await bench.stopwatch.run(argv);
        if (round > 0) tally.add('one-shot', peer.name, ms);
      });
    }
  }
  const names = peers.present.map((peer) => peer.name);
  return [
    {
      id: 'one-shot',
      title: 'one-shot: /bin/true in a new container',
      detail: describeIdle(run),
      unit: 'ms',
      statistic: 'median',
      base: 'floor',
      series: tally.series('one-shot', names, peers.absent),
    },
    ...(process.getuid?.() === 0 ? [await measureResidentRun(run)] : []),
  ];
}
