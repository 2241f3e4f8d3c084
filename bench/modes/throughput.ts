/** Bytes out of a container, beside the same bytes through a pipe, or a pty, and cat(1). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Metric } from '../report/metric.js';
import { attempt, type Run, sweep, Tally } from './mode.js';

const MIB = 1024 * 1024;
const PIPE_MIB = 1024;
const PTY_MIB = 128;
const NAME = 'throughput';
const BUSYBOX = '/sbin/busybox';
/** A viewer has so long to attach, in ms. */
const ATTACH_MS = 500;

export async function measureThroughput(run: Run): Promise<Metric[]> {
  const { bench, peers, options } = run;
  const { ctr } = bench.place;
  const peer = peers.present.find(({ name }) => name === 'ctr');
  const tally = new Tally();
  if (peer === undefined || !bench.inits.busybox.includes('/sbin/init')) {
    run.say('left out: it needs a static BusyBox');
    return [];
  }
  const busybox = join(bench.user.path, BUSYBOX);
  const piped = (command: string) => ['sh', '-c', `${command} | head -c ${PIPE_MIB * MIB} > /dev/null; true`];
  const zeros = ['head', '-c', String(PTY_MIB * MIB), '/dev/zero'];
  const typed = [ctr, 'enter', NAME, '--', BUSYBOX, 'sh', '-c', `${BUSYBOX} ${zeros.join(' ')} > /dev/console`];
  const ways: Record<string, readonly string[]> = {
    'pipe and cat': piped(`${busybox} cat /dev/zero | cat`),
    'ctr enter': piped(`${ctr} enter ${NAME} -- ${BUSYBOX} cat /dev/zero`),
    'pty and cat': ['sh', '-c', `${join(bench.place.tools, 'pty-cat')} ${busybox} ${zeros.join(' ')} > /dev/null`],
    'ctr console': typed,
  };
  peer.define?.([NAME], bench.inits.busybox);
  let viewer: ChildProcess | undefined;
  try {
    await peer.start(NAME, bench.inits.busybox);
    viewer = spawn(ctr, ['console', '--watch', NAME], { env: bench.place.env, stdio: ['pipe', 'ignore', 'ignore'] });
    await delay(ATTACH_MS);
    // The first round warms up.
    for (let round = 0; round <= options.rounds; round += 1) {
      run.say(`round ${round} of ${options.rounds}`);
      for (const [who, argv] of Object.entries(ways)) {
        await attempt(run, tally, peer, [NAME], async () => {
          const ms = await bench.stopwatch.run(argv);
          if (round > 0) tally.add(who.includes('pty') || who.includes('console') ? 'pty' : 'pipe', who, ms);
        });
      }
    }
  } finally {
    viewer?.kill();
    if (viewer !== undefined && viewer.exitCode === null && viewer.signalCode === null) await once(viewer, 'exit');
    await sweep(run, peer, [NAME]);
  }
  const common = { unit: 'ms', statistic: 'median' } as const;
  return [
    {
      ...common,
      id: 'enter-throughput',
      title: `${PIPE_MIB} MiB out of a container by enter`,
      detail: 'no idle time before',
      base: 'pipe and cat',
      series: tally.series('pipe', ['pipe and cat', 'ctr enter']),
    },
    {
      ...common,
      id: 'console-throughput',
      title: `${PTY_MIB} MiB to a console with one who looks on`,
      detail: 'until the writer has ended',
      base: 'pty and cat',
      series: tally.series('pty', ['pty and cat', 'ctr console']),
    },
  ];
}
