/** `npm run bench`: prints a table of medians and ratios, and writes it with all values to bench/results/. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { measureCommandLine } from './command-line.js';
import { measureHelperStart } from './helper-start.js';
import { measureMonitorMemory } from './monitor-memory.js';
import { makePlace, type Place } from './place.js';
import { computeResult, type Figure, formatResults } from './statistics.js';

const [root, tools, libc] = process.argv.slice(2);
if (root === undefined || tools === undefined || (libc !== 'musl' && libc !== 'glibc')) {
  throw new Error('usage: bench ROOT TOOLS musl|glibc');
}

const ROUNDS = 31;
const CONTAINERS = 50;

const place = makePlace(root, tools);
try {
  process.exitCode = measure(place, root, libc);
} finally {
  removePlace(place);
}

function measure(place: Place, root: string, libc: 'musl' | 'glibc'): number {
  const asRoot = process.getuid?.() === 0;
  process.stderr.write('bench: the command line\n');
  const figures: Figure[] = measureCommandLine(place, ROUNDS);
  if (asRoot) {
    process.stderr.write('bench: the helper\n');
    figures.push(...measureHelperStart(place, ROUNDS));
    process.stderr.write(`bench: ${CONTAINERS} containers\n`);
    figures.push(measureMonitorMemory(place, CONTAINERS, libc));
  } else {
    process.stderr.write('bench: skipped the helper and the monitor: they need root\n');
  }
  const results = figures.map(computeResult);
  process.stdout.write(formatResults(results));
  writeResults(root, { figures, results, libc });
  return results.every((result) => result.withinLimit !== false) ? 0 : 1;
}

function writeResults(root: string, what: object): void {
  const folder = join(root, 'bench/results');
  const date = new Date().toISOString();
  const load = readFileSync('/proc/loadavg', 'utf8').trimEnd();
  const host = { kernel: release(), cpus: cpus().length, node: process.version, load };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${date.replaceAll(':', '')}.json`);
  writeFileSync(file, `${JSON.stringify({ date, host, ...what }, null, 1)}\n`);
  process.stderr.write(`bench: all values are in ${file}\n`);
}

/** Removes the directories; never through a mount. */
function removePlace(place: Place): void {
  const names = spawnSync('ls', [join(place.stateDir, 'containers')], { encoding: 'utf8' }).stdout.split('\n');
  for (const name of names.filter((name) => name !== '')) {
    spawnSync(place.ctr, ['destroy', name], { env: place.env, stdio: 'ignore' });
    spawnSync(place.ctr, ['undefine', name], { env: place.env, stdio: 'ignore' });
  }
  spawnSync('rm', ['-rf', '--one-file-system', place.scratch]);
}
