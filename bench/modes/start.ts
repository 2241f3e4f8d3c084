/** The life of a system container: start, attach, forced and graceful end. */
import { setTimeout } from 'node:timers/promises';
import type { Box, Peer } from '../peers/index.js';
import { findInits } from '../processes.js';
import type { Metric } from '../report/metric.js';
import { CommandFailure } from '../stopwatch.js';
import { attempt, describeIdle, type Run, Tally, waitIdle } from './mode.js';

/** In each round of each peer: a container that is entered and destroyed, and one that is stopped. */
export async function measureStart(run: Run): Promise<Metric[]> {
  const { bench, peers, options } = run;
  const tally = new Tally();
  const names = { forced: `${bench.place.tag}-forced`, graceful: `${bench.place.tag}-graceful` };
  const all = Object.values(names);
  for (const peer of peers.present) {
    peer.define?.([names.forced], bench.inits.busybox);
    peer.define?.([names.graceful], bench.inits.prompt);
  }
  // The first round warms up.
  for (let round = 0; round <= options.rounds; round += 1) {
    run.say(`round ${round} of ${options.rounds}`);
    const counted = round > 0 ? tally : new Tally();
    for (const peer of peers.present) {
      await attempt(run, tally, peer, all, () => measureForced(run, counted, peer, names.forced));
      await attempt(run, tally, peer, all, () => measureGraceful(run, counted, peer, names.graceful));
    }
  }
  for (const peer of peers.present) peer.forget?.(all);
  return listMetrics(run, tally);
}

async function measureForced(run: Run, tally: Tally, peer: Peer, name: string): Promise<void> {
  const { stopwatch, inits } = run.bench;
  const box = await startOne(run, tally, peer, name, inits.busybox);
  if (peer.attach !== undefined) {
    await waitIdle(run);
    tally.add('attach', peer.name, await stopwatch.run(peer.attach(box)));
  }
  if (peer.name === 'ctr') {
    // The least that entering this very container can cost.
    const spaces = ['-U', '-p', '-m', '-u', '-i', '-n', '-C', '-r', '-w'];
    await waitIdle(run);
    tally.add('attach', 'nsenter', await stopwatch.run(['nsenter', '-t', String(box.init), ...spaces, '/bin/true']));
  }
  await waitIdle(run);
  tally.add('destroy', peer.name, await peer.destroy(box));
}

async function measureGraceful(run: Run, tally: Tally, peer: Peer, name: string): Promise<void> {
  const box = await startOne(run, tally, peer, name, run.bench.inits.prompt);
  await waitIdle(run);
  tally.add('stop', peer.name, await peer.stop(box));
  peer.forget?.([]);
}

async function startOne(run: Run, tally: Tally, peer: Peer, name: string, init: readonly string[]): Promise<Box> {
  await waitIdle(run);
  const { ms, front } = await peer.start(name, init);
  tally.add('start', peer.name, ms);
  // The init has just begun: it has to say yet what it listens to.
  await setTimeout(50);
  const [found, more] = findInits(peer.root);
  if (found === undefined || more !== undefined) throw new CommandFailure(`${peer.name}: its container does not run`);
  return { name, init: found.pid, ...(front === undefined ? {} : { front }) };
}

function listMetrics(run: Run, tally: Tally): Metric[] {
  const { present, absent } = run.peers;
  const names = present.map((peer) => peer.name);
  const common = { detail: describeIdle(run), unit: 'ms', statistic: 'median' } as const;
  return [
    {
      ...common,
      id: 'start',
      title: 'start of a system container until it returns',
      base: 'floor',
      series: tally.series('start', names, absent),
    },
    {
      ...common,
      id: 'attach',
      title: 'attach: /bin/true in a running container',
      base: 'nsenter',
      series: tally.series('attach', ['nsenter', ...present.filter((peer) => peer.attach).map((peer) => peer.name)]),
    },
    {
      ...common,
      id: 'destroy',
      title: 'forced end until the container is gone',
      base: 'floor',
      series: tally.series('destroy', names),
    },
    {
      ...common,
      id: 'stop',
      title: 'graceful stop of an init that ends at once',
      base: 'floor',
      series: tally.series('stop', names),
    },
  ];
}
