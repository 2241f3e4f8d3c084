/** `npm run bench`: measures ctr beside the peers that are installed; a table, all values as JSON, and a chart. */
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { cleanUp, listCgroups } from './clean-up.js';
import { measureCommandLine } from './modes/command-line.js';
import { measureConfiguration } from './modes/configuration.js';
import { measureDensity } from './modes/density.js';
import { measureHelperStart } from './modes/helper-start.js';
import type { Run } from './modes/mode.js';
import { measureNetwork } from './modes/network.js';
import { measureOneShot } from './modes/one-shot.js';
import { measureStart } from './modes/start.js';
import { measureThroughput } from './modes/throughput.js';
import { type Mode, type Options, parseOptions, USAGE } from './options.js';
import { type Bench, choosePeers } from './peers/index.js';
import { makePlace, type Place } from './place.js';
import { makePrivateWorld } from './private-world.js';
import { formatTables } from './report/format-table.js';
import { listGoals } from './report/goals.js';
import { computeResult, type Metric, type Result } from './report/metric.js';
import { describeHost, writeReport } from './report/write-report.js';
import { makeRoots } from './roots.js';
import { Interrupted, Stopwatch } from './stopwatch.js';

const [root = '', tools = '', libc, ...args] = process.argv.slice(2);
if (libc !== 'musl' && libc !== 'glibc') throw new Error('usage: bench ROOT TOOLS musl|glibc [option]...');

/** Cheap ones are asked oftener. */
const CHEAP = 4;

/** A run that hangs is ended; one with a thousand containers of every peer takes half of it. */
const DEADLINE_MS = 45 * 60_000;

const say = (text: string) => void process.stderr.write(`bench: ${text}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  let options: Options | 'help';
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const asRoot = process.getuid?.() === 0;
  const [load = 0] = loadavg();
  if (load > cpus().length / 2) say(`the machine is busy (load ${load.toFixed(1)}): compare ratios, and take care`);
  const place = makePlace(root, tools);
  if (asRoot) makePrivateWorld(place);
  const groupsBefore = listCgroups();
  const stopwatch = new Stopwatch([join(tools, 'stopwatch')], join(place.scratch, 'stderr'), place.env);
  const stop = (why: string) => stopwatch.interrupt(new Interrupted(why));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop(`ended by ${signal}`));
  const deadline = setTimeout(stop, DEADLINE_MS, 'ended: it took too long').unref();
  try {
    const metrics = await (asRoot
      ? measureAsRoot(place, stopwatch, options)
      : measureAsUser(place, stopwatch, options));
    return report(options, metrics);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    say(error.message);
    return 1;
  } finally {
    clearTimeout(deadline);
    await cleanUp(place, stopwatch, groupsBefore);
  }
}

async function measureAsUser(place: Place, stopwatch: Stopwatch, options: Options): Promise<Metric[]> {
  say('only the command line is measured: containers need root');
  return measureCommandLine(place, stopwatch, options.rounds * CHEAP);
}

async function measureAsRoot(place: Place, stopwatch: Stopwatch, options: Options): Promise<Metric[]> {
  const bench: Bench = { place, stopwatch, ...makeRoots(place) };
  const peers = choosePeers(bench, options.peers);
  if (peers.absent.length > 0) say(`not installed: ${peers.absent.join(', ')}`);
  const cheap = options.rounds * CHEAP;
  const modes: Record<Mode, (run: Run) => Promise<Metric[]>> = {
    'command-line': () => measureCommandLine(place, stopwatch, cheap),
    configuration: () => measureConfiguration(place, stopwatch, cheap),
    helper: () => measureHelperStart(bench, cheap),
    'one-shot': measureOneShot,
    start: measureStart,
    density: measureDensity,
    throughput: measureThroughput,
    network: measureNetwork,
  };
  const metrics: Metric[] = [];
  for (const mode of options.modes) {
    say(mode);
    metrics.push(...(await modes[mode]({ bench, peers, options, say: (text) => say(`${mode}: ${text}`) })));
  }
  return metrics;
}

/** Exit status 0: a goal that is missed is a figure to read, not a failure of the bench. */
function report(options: Options, metrics: readonly Metric[]): number {
  const goals = listGoals(libc === 'musl' ? 'musl' : 'glibc');
  const results: Result[] = metrics.map((metric) => computeResult(metric, goals, options.containers));
  const files = writeReport(join(root, 'bench/results'), { host: describeHost(libc ?? ''), options, results });
  process.stdout.write(formatTables(results));
  for (const file of files) say(`written: ${file}`);
  return 0;
}
