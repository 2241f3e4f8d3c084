/** Many containers at once: what each costs to start, to keep and to end. */
import { setTimeout } from 'node:timers/promises';
import type { Peer } from '../peers/index.js';
import { findInits, type Init, readMemory, readPssKiB } from '../processes.js';
import type { Metric } from '../report/metric.js';
import { CommandFailure } from '../stopwatch.js';
import { measureCrowd, measureFew, measureStartAll, START_ALL } from './density-ctr.js';
import { attempt, type Run, Tally } from './mode.js';

/** The other peers are measured when they are asked for by name: they take minutes for a thousand. */
const USUAL: readonly string[] = ['crun', 'lxc'];

/** What the kernel frees late, and what a start left to be done later, is not counted for the next. */
const SETTLE_MS = 1000;

/** What must be free for one container, with much to spare, KiB. */
const ROOM_KIB = 4096;

/** Peers one after another: each has the machine to itself while its containers are counted. */
export async function measureDensity(run: Run): Promise<Metric[]> {
  const { options, bench, peers } = run;
  const room = Math.floor(readMemory().availableKiB / ROOM_KIB);
  if (room < options.containers)
    throw new Error(`there is memory for ${room} containers, not for ${options.containers}`);
  const tally = new Tally();
  const names = Array.from({ length: options.containers }, (_, index) => `${bench.place.tag}-${index + 1}`);
  const chosen = ['floor', 'ctr', ...(options.peers ?? USUAL)];
  for (const peer of peers.present.filter((peer) => chosen.includes(peer.name))) {
    run.say(`${names.length} containers of ${peer.name}`);
    await attempt(run, tally, peer, names, () => measurePeer(run, tally, peer, names));
  }
  return listMetrics(run, tally);
}

async function measurePeer(run: Run, tally: Tally, peer: Peer, names: readonly string[]): Promise<void> {
  const { stopwatch, inits } = run.bench;
  if (peer.name === 'ctr') await measureFew(run, tally, peer);
  peer.define?.(names, inits.busybox);
  await warmUp(run, peer, names[0] ?? '');
  await setTimeout(SETTLE_MS);
  const before = readMemory();
  for (const name of names) tally.add('density-start', peer.name, (await peer.start(name, inits.busybox)).ms);
  await setTimeout(SETTLE_MS);
  const after = readMemory();
  const running = findInits(peer.root);
  if (running.length !== names.length) throw new CommandFailure(`${running.length} of ${names.length} containers run`);
  tally.add('available', peer.name, (before.availableKiB - after.availableKiB) / names.length);
  tally.add('kernel', peer.name, (after.kernelKiB - before.kernelKiB) / names.length);
  const monitors = running.map((init) => init.parent).filter((parent) => parent !== stopwatch.pid);
  if (monitors.length > 0) tally.add('monitor', peer.name, ...monitors.map(readPssKiB));
  if (peer.name === 'ctr') await measureCrowd(run, tally, peer, monitors);
  await endAll(tally, peer, names, running);
  if (peer.name === 'ctr') await measureStartAll(run, tally, peer, names);
  // The definitions of ctr go with the scratch directory: nobody looks at them any more.
  if (peer.name !== 'ctr') peer.forget?.(names);
}

/** The first container of a peer fills caches that are not its own cost. */
async function warmUp(run: Run, peer: Peer, name: string): Promise<void> {
  const { front } = await peer.start(name, run.bench.inits.busybox);
  await setTimeout(100);
  const [init] = findInits(peer.root);
  if (init === undefined) throw new CommandFailure(`${peer.name}: its container does not run`);
  await peer.destroy({ name, init: init.pid, ...(front === undefined ? {} : { front }) });
}

/** A foreground peer knows its containers by their parent, the others by name. */
async function endAll(tally: Tally, peer: Peer, names: readonly string[], running: readonly Init[]): Promise<void> {
  for (const [index, init] of running.entries()) {
    const box = { name: names[index] ?? '', init: init.pid, front: init.parent };
    tally.add('density-destroy', peer.name, await peer.destroy(box));
  }
}

function listMetrics({ options, peers }: Run, tally: Tally): Metric[] {
  const { containers } = options;
  const names = peers.present.map((peer) => peer.name);
  const start = [...names, ...START_ALL];
  const running = `${containers} running`;
  return [
    {
      id: 'density-start',
      title: `start of ${containers} containers`,
      detail: 'per container, by one command each or by one for all',
      unit: 'ms',
      statistic: 'mean',
      base: 'floor',
      series: tally.series('density-start', start),
    },
    {
      id: 'density-destroy',
      title: `forced end of ${containers} containers`,
      detail: 'per container, by one command each or by one for all',
      unit: 'ms',
      statistic: 'mean',
      base: 'floor',
      series: tally.series('density-destroy', [...names, 'ctr destroy --all']),
    },
    {
      id: 'more',
      title: `further starts of ctr while 10 or ${containers} run`,
      detail: '',
      unit: 'ms',
      statistic: 'p95',
      base: '10 run',
      series: tally.series('more', ['10 run', 'many run']),
    },
    {
      id: 'list',
      title: `ctr list and ctr stats of 10 and of ${containers}`,
      detail: '',
      unit: 'ms',
      statistic: 'median',
      base: '10 run',
      series: tally.series('list', ['10 run', 'many run', 'stats, 10 run', 'stats, many run']),
    },
    {
      id: 'monitor',
      title: 'memory of the process that stays, per container',
      detail: `proportional set size, ${running}`,
      unit: 'KiB',
      statistic: 'median',
      series: tally.series('monitor', names).filter((row) => row.values.length > 0),
    },
    {
      id: 'available',
      title: 'MemAvailable taken, per container',
      detail: running,
      unit: 'KiB',
      statistic: 'median',
      base: 'floor',
      series: tally.series('available', names),
    },
    {
      id: 'kernel',
      title: 'memory of the kernel, per container',
      detail: `slab, per-CPU data, stacks, page tables; ${running}`,
      unit: 'KiB',
      statistic: 'median',
      base: 'floor',
      series: tally.series('kernel', names),
    },
    {
      id: 'idle',
      title: `CPU of ${containers} idle monitors, of one core`,
      detail: `in ${options.watchMs / 1000} s`,
      unit: '%',
      statistic: 'median',
      series: tally.series('idle', ['ctr']),
    },
  ];
}
