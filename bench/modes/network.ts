/** What a network adds to a start, in turns with the same start with a network namespace that has nothing but its loopback. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeDefinition } from '../peers/ctr.js';
import type { Bench } from '../peers/index.js';
import { run, succeeds } from '../place.js';
import type { Metric } from '../report/metric.js';
import { Tally } from './mode.js';

const PORT = "<interface type='network'><source network='default'/></interface>";

/** The network is there already, as it is for all containers but the first. None where the host cannot make one. */
export async function measureNetwork(bench: Bench, rounds: number): Promise<Metric[]> {
  const { place, stopwatch, plain, user } = bench;
  if (!succeeds(place, [place.ctr, 'net', 'start', 'default'])) return [];
  const define = (name: string, devices: string) => {
    const definition = { name, root: plain, owner: user.owner, init: ['/payload'], devices };
    run(place, [place.ctr, 'define', writeDefinition(place, definition)]);
    const folder = join(place.runDir, 'containers', name);
    const plan = join(place.scratch, `plan-${name}`);
    cpSync(join(folder, 'compiled'), plan);
    return async () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      cpSync(plan, join(folder, 'plan'));
      const { ms } = await stopwatch.start([place.helper, 'start', folder], plain.mark);
      await stopwatch.settle();
      return ms * 1000;
    };
  };
  const names = [`${place.tag}-alone`, `${place.tag}-linked`];
  const [alone, linked] = [define(names[0] ?? '', ''), define(names[1] ?? '', PORT)];
  const tally = new Tally();
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const without = await alone();
    const within = await linked();
    if (round === 0) continue;
    tally.add('', 'empty private network', without);
    tally.add('', "in the network 'default'", within);
    tally.add('', 'the network adds', Math.round(within - without));
  }
  run(place, [place.ctr, 'undefine', ...names]);
  run(place, [place.ctr, 'net', 'stop', 'default']);
  return [
    {
      id: 'network',
      title: 'helper from its exec to the exec of process 1, without and with a network',
      detail: 'address, routes and IPv6 are there; compiled ahead; warm',
      unit: 'µs',
      statistic: 'median',
      series: tally.series('', ['empty private network', "in the network 'default'", 'the network adds']),
    },
  ];
}
