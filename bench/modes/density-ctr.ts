/** Of many containers, what only ctr is asked: all by one command, the list, one more, and what idle monitors do. */
import { setTimeout } from 'node:timers/promises';
import type { Peer } from '../peers/index.js';
import { findInits, readCpuMs } from '../processes.js';
import { CommandFailure } from '../stopwatch.js';
import type { Run, Tally } from './mode.js';

const FEW = 10;
const LISTS = 15;
const MORE_STARTS = 40;

/** With ten containers, of ten that are defined. */
export async function measureFew(run: Run, tally: Tally, peer: Peer): Promise<void> {
  const { bench } = run;
  const names = Array.from({ length: FEW }, (_, index) => `${bench.place.tag}-few${index + 1}`);
  peer.define?.(names, bench.inits.busybox);
  for (const name of names) await peer.start(name, bench.inits.busybox);
  await measureListAndOneMore(run, tally, peer, '10 run');
  peer.forget?.(names);
}

/** With all of them. */
export async function measureCrowd(run: Run, tally: Tally, peer: Peer, monitors: readonly number[]): Promise<void> {
  run.say(`${monitors.length} idle monitors, ${run.options.watchMs / 1000} s`);
  const sumCpuMs = () => monitors.reduce((sum, pid) => sum + readCpuMs(pid), 0);
  const before = sumCpuMs();
  await setTimeout(run.options.watchMs);
  tally.add('idle', peer.name, ((sumCpuMs() - before) / run.options.watchMs) * 100);
  await measureListAndOneMore(run, tally, peer, 'many run');
}

async function measureListAndOneMore(run: Run, tally: Tally, peer: Peer, who: string): Promise<void> {
  const { stopwatch, place, inits } = run.bench;
  const name = `${place.tag}-more`;
  for (let round = 0; round < LISTS; round += 1) tally.add('list', who, await stopwatch.run([place.ctr, 'list']));
  peer.define?.([name], inits.prompt);
  // The first fills caches.
  for (let round = 0; round <= MORE_STARTS; round += 1) {
    const { ms } = await peer.start(name, inits.prompt);
    if (round > 0) tally.add('one-more', who, ms);
    await stopwatch.run([place.ctr, 'destroy', name]);
  }
  peer.forget?.([name]);
}

/** By one command, several times where that takes no minutes. */
export async function measureStartAll(run: Run, tally: Tally, peer: Peer, names: readonly string[]): Promise<void> {
  const { stopwatch, place } = run.bench;
  const times = names.length > 200 ? 1 : 3;
  for (let time = 0; time < times; time += 1) {
    run.say(`ctr start --all, ${names.length} containers`);
    tally.add('density-start', 'ctr start --all', (await stopwatch.run([place.ctr, 'start', '--all'])) / names.length);
    const running = findInits(peer.root).length;
    if (running !== names.length) throw new CommandFailure(`ctr start --all: ${running} of ${names.length} run`);
    const ms = await stopwatch.run([place.ctr, 'destroy', '--all']);
    tally.add('density-destroy', 'ctr destroy --all', ms / names.length);
  }
}
