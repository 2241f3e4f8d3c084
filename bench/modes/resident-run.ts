/** /bin/true on the host's tree read-only, by the library of a Node process that stays, beside bubblewrap spawned by the same process. */
import { spawn } from 'node:child_process';
import { run as runCommand } from '../../src/index.js';
import type { Metric } from '../report/metric.js';
import { type Run, Tally, waitIdle } from './mode.js';

/** The same namespaces and private directories; no limits, no masks, no filter. */
const BUBBLEWRAP = [
  ...['--unshare-all', '--die-with-parent', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev'],
  ...['/tmp', '/var/tmp', '/home', '/root', '/run'].flatMap((path) => ['--tmpfs', path]),
  '/bin/true',
];

export async function measureResidentRun(run: Run): Promise<Metric> {
  const { bench, peers, options } = run;
  const { stateDir, runDir, helper, env } = bench.place;
  const tally = new Tally();
  const ways: Record<string, () => Promise<unknown>> = {
    'ctr run()': () => runCommand({ command: '/bin/true', stateDir, runDir, helper }),
    ...(peers.present.some(({ name }) => name === 'bwrap')
      ? { bwrap: () => spawnToEnd('bwrap', BUBBLEWRAP, env) }
      : {}),
  };
  // The first round warms up.
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const [who, go] of Object.entries(ways)) {
      await waitIdle(run);
      const before = performance.now();
      await go();
      if (round > 0) tally.add('', who, performance.now() - before);
    }
  }
  return {
    id: 'resident-run',
    title: 'run: /bin/true in a new container, from one Node process',
    detail: 'the host read-only, safe defaults',
    unit: 'ms',
    statistic: 'median',
    base: 'bwrap',
    series: tally.series('', Object.keys(ways)),
  };
}

/** With its output read, as a library would. */
function spawnToEnd(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  child.stdout.resume();
  child.stderr.resume();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve() : reject(new Error(`${program} exited with ${status}`))));
  });
}
