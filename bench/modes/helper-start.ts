/** The helper, from its exec to the payload's exec, beside a program that makes the same calls and nothing else. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePlan } from '../../src/exec/decode.js';
import { encodePlan } from '../../src/exec/encode.js';
import type { Op } from '../../src/exec/plan.js';
import { writeDefinition } from '../peers/ctr.js';
import type { Bench } from '../peers/index.js';
import { type Place, run } from '../place.js';
import type { Metric } from '../report/metric.js';
import type { Root } from '../roots.js';
import { Tally } from './mode.js';

/** Both start the same plan on the same root, in turns. */
export async function measureHelperStart(bench: Bench, rounds: number): Promise<Metric[]> {
  const { place, stopwatch, plain, user } = bench;
  const name = `${place.tag}-helper`;
  const owner = user.owner;
  // As the busybox template: the root is the host's root's, and mapped.
  const plan = compileFor(place, { name, root: plain, owner, init: ['/payload'] });
  const open = join(place.scratch, 'plan-open');
  const { ops } = decodePlan(readFileSync(plan));
  writeFileSync(open, encodePlan({ ops: ops.filter(({ op }) => op !== 'seccomp') }));
  const large = makeLargeRoot(place, plain);
  const largePlan = compileFor(place, { name: `${name}-large`, root: large, owner, init: ['/payload'] });
  const limited = `${name}-limited`;
  const limits = ['memory=64M', 'pids=100', 'cpu.shares=512', 'cpu=1.5'];
  const limitedPlan = compileFor(place, { name: limited, root: plain, owner, init: ['/payload'] }, limits);
  const free = join(place.scratch, 'plan-free');
  writeFileSync(free, encodePlan({ ops: withoutLimits(decodePlan(readFileSync(limitedPlan)).ops) }));
  const runFolder = join(place.runDir, 'containers', name);
  const bare = [join(place.tools, 'bare-calls'), plain.path, ...listWords(place, ops)];
  const measure = async (argv: readonly string[], { mark }: Root = plain) => {
    const { ms } = await stopwatch.start(argv, mark);
    await stopwatch.settle();
    return ms * 1000;
  };
  const start = (file: string, root: Root = plain) => {
    mkdirSync(runFolder, { recursive: true, mode: 0o700 });
    cpSync(file, join(runFolder, 'plan'));
    return measure([place.helper, 'start', runFolder], root);
  };
  const tally = new Tally();
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const helper = await start(plan);
    const calls = await measure(bare);
    const unfiltered = await start(open);
    const many = await start(largePlan, large);
    const unlimited = await start(free);
    const held = await start(limitedPlan);
    if (round === 0) continue;
    tally.add('', 'bare calls', calls);
    tally.add('', 'helper', helper);
    tally.add('filter', 'without a filter', unfiltered);
    tally.add('filter', 'with it', helper);
    // Of one round: what disturbs it disturbs both.
    tally.add('filter', 'the filter adds', Math.round(helper - unfiltered));
    tally.add('limits', 'without limits', unlimited);
    tally.add('limits', 'memory, pids, cpu, devices', held);
    tally.add('limits', 'the limits add', Math.round(held - unlimited));
    tally.add('tree', 'few files', helper);
    tally.add('tree', '100 000 files', many);
  }
  for (const defined of [name, `${name}-large`, limited]) run(place, [place.ctr, 'undefine', defined]);
  const common = { unit: 'µs', statistic: 'median' } as const;
  return [
    {
      id: 'helper',
      title: 'helper from its exec to the exec of process 1',
      detail: 'the same plan, warm',
      unit: 'µs',
      statistic: 'median',
      base: 'bare calls',
      series: tally.series('', ['bare calls', 'helper']),
    },
    {
      ...common,
      id: 'filter',
      title: 'the same with and without the system call filter',
      detail: 'compiled ahead; warm',
      series: tally.series('filter', ['without a filter', 'with it', 'the filter adds']),
    },
    {
      ...common,
      id: 'limits',
      title: 'the same with and without limits of memory, processes, CPU time and devices',
      detail: 'compiled ahead; warm',
      series: tally.series('limits', ['without limits', 'memory, pids, cpu, devices', 'the limits add']),
    },
    {
      ...common,
      id: 'tree',
      title: 'the same by the size of the root, which is an id-mapped mount',
      detail: 'warm',
      base: 'few files',
      series: tally.series('tree', ['few files', '100 000 files']),
    },
  ];
}

/** Defines it; gives a copy of its plan. @param limits as `ctr set` takes them */
function compileFor(
  place: Place,
  definition: Parameters<typeof writeDefinition>[1],
  limits: readonly string[] = [],
): string {
  run(place, [place.ctr, 'define', writeDefinition(place, definition)]);
  if (limits.length > 0) run(place, [place.ctr, 'set', definition.name, ...limits, '--config']);
  const plan = join(place.scratch, `plan-${definition.name}`);
  cpSync(join(place.runDir, 'containers', definition.name, 'compiled'), plan);
  return plan;
}

/** In the group that init is cloned into, and in none that limits anything. */
function withoutLimits(ops: readonly Op[]): Op[] {
  const joins = ops.filter((op) => op.op === 'cgroup-join');
  const v1 = joins.filter(({ version }) => Number(version) === 1).map(({ path }) => path);
  return ops.filter((op) => {
    // Of v2 all writes are limits, or hand their controllers down.
    if (op.op === 'cgroup-devices' || op.op === 'cgroup-write') return false;
    if (op.op === 'bind') return !v1.includes(op.source);
    return !('path' in op && v1.includes(op.path));
  });
}

const FILES = 100_000;
const FILES_PER_DIRECTORY = 1000;

/** The same root with 100 000 files more. */
function makeLargeRoot(place: Place, { path, owner }: Root): Root {
  const large = join(place.scratch, 'root-large');
  cpSync(path, large, { recursive: true, verbatimSymlinks: true });
  for (let index = 0; index < FILES; index += 1) {
    const directory = join(large, `usr/${Math.floor(index / FILES_PER_DIRECTORY)}`);
    if (index % FILES_PER_DIRECTORY === 0) mkdirSync(directory);
    writeFileSync(join(directory, String(index)), '');
  }
  return { path: large, owner, mark: join(large, 'mark') };
}

const CGROUPS = '/sys/fs/cgroup';

/** The words that tell bare-calls.c what differs from host to host: ids, cgroups, the filter. */
function listWords(place: Place, ops: readonly Op[]): string[] {
  const words = ops.flatMap((op): string[] => {
    switch (op.op) {
      case 'cgroup-dir':
        return ['mkdir', op.path];
      case 'cgroup-write':
        return ['write', op.path, op.value];
      case 'cgroup-join':
        return [Number(op.version) === 2 ? 'into' : 'tasks', op.path];
      case 'seccomp': {
        const file = join(place.scratch, 'filter');
        writeFileSync(file, op.program);
        return ['seccomp', file];
      }
      case 'mount':
        return op.target === CGROUPS ? ['tmpfs', op.target.slice(1), op.data] : [];
      case 'bind':
        return `${op.target}/`.startsWith(`${CGROUPS}/`) ? ['bind', op.source, op.target.slice(1)] : [];
      default:
        return [];
    }
  });
  const first = ops.find((op) => op.op === 'idmap');
  return [String(first?.op === 'idmap' ? first.outside : 0), ...words, 'exec', '/payload'];
}
