/** Of many containers, what only ctr is asked: all by one command, the list, one more, and what idle monitors do. */
import { setTimeout } from 'node:timers/promises';
import type { Peer } from '../peers/index.js';
import { findInits, readCpuMs } from '../processes.js';
import { CommandFailure } from '../stopwatch.js';
import type { Run, Tally } from './mode.js';

const FEW = 10;
const LISTS = 9;
const MORE = 20;
const TIMES = 2;
const SETTLE_MS = 500;

/** With ten containers, of ten that are defined. */
export async function measureFew(run: Run, tally: Tally, peer: Peer): Promise<void> {
  const { bench } = run;
  const names = Array.from({ length: FEW }, (_, index) => `${bench.place.tag}-few${index + 1}`);
  peer.define?.(names, bench.inits.busybox);
  for (const name of names) await peer.start(name, bench.inits.busybox);
  await measureListAndMore(run, tally, peer, '10 run');
  peer.forget?.(names);
}

/** With all of them. */
export async function measureCrowd(run: Run, tally: Tally, peer: Peer, monitors: readonly number[]): Promise<void> {
  run.say(`${monitors.length} idle monitors, ${run.options.watchMs / 1000} s`);
  const sumCpuMs = () => monitors.reduce((sum, pid) => sum + readCpuMs(pid), 0);
  const before = sumCpuMs();
  await setTimeout(run.options.watchMs);
  tally.add('idle', peer.name, ((sumCpuMs() - before) / run.options.watchMs) * 100);
  await measureListAndMore(run, tally, peer, 'many run');
}

/** The further starts follow each other: what an end leaves to be done later is no part of them. */
async function measureListAndMore(run: Run, tally: Tally, peer: Peer, who: string): Promise<void> {
  const { stopwatch, place, inits } = run.bench;
  for (let round = 0; round < LISTS; round += 1) {
    tally.add('list', who, await stopwatch.run([place.ctr, 'list']));
    tally.add('list', `stats, ${who}`, await stopwatch.run([place.ctr, 'stats']));
  }
  const names = Array.from({ length: MORE }, (_, index) => `${place.tag}-more${index + 1}`);
  peer.define?.(names, inits.prompt);
  for (let time = 0; time < TIMES; time += 1) {
    await setTimeout(SETTLE_MS);
    for (const name of names) tally.add('more', who, (await peer.start(name, inits.prompt)).ms);
    for (const name of names) await stopwatch.run([place.ctr, 'destroy', name]);
  }
  peer.forget?.(names);
}

/** How the table calls a start of all by one command: as many at a time as there are CPUs, and one after the other. */
export const START_ALL = ['ctr start --all', 'ctr start --all -j 1'] as const;

/** By one command, several times where that takes no minutes. */
export async function measureStartAll(run: Run, tally: Tally, peer: Peer, names: readonly string[]): Promise<void> {
  const { stopwatch, place } = run.bench;
  const times = names.length > 200 ? 1 : 3;
  for (let time = 0; time < times; time += 1) {
    for (const who of START_ALL) {
      run.say(`${who}, ${names.length} containers`);
      await setTimeout(SETTLE_MS);
      const started = await stopwatch.run([place.ctr, ...who.split(' ').slice(1)]);
      tally.add('density-start', who, started / names.length);
      const running = findInits(peer.root).length;
      if (running !== names.length) throw new CommandFailure(`${who}: ${running} of ${names.length} run`);
      const ended = await stopwatch.run([place.ctr, 'destroy', '--all']);
      tally.add('density-destroy', 'ctr destroy --all', ended / names.length);
    }
  }
}
