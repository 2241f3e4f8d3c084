/** The helper, from its exec to the payload's exec, beside a program that makes the same calls and nothing else. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePlan } from '../../src/exec/decode.js';
import type { Op } from '../../src/exec/plan.js';
import { writeDefinition } from '../peers/ctr.js';
import type { Bench } from '../peers/index.js';
import { type Place, run } from '../place.js';
import type { Metric } from '../report/metric.js';
import { Tally } from './mode.js';

/** Both start the same plan on the same root, in turns. */
export async function measureHelperStart(bench: Bench, rounds: number): Promise<Metric[]> {
  const { place, stopwatch, plain, user } = bench;
  const name = `${place.tag}-helper`;
  // As the busybox template: the root is the host's root's, and mapped.
  const definition = writeDefinition(place, { name, root: plain, owner: user.owner, init: ['/payload'] });
  run(place, [place.ctr, 'define', definition]);
  const runFolder = join(place.runDir, 'containers', name);
  const plan = join(place.scratch, 'plan');
  cpSync(join(runFolder, 'compiled'), plan);
  const bare = [join(place.tools, 'bare-calls'), plain.path, ...listWords(place, decodePlan(readFileSync(plan)).ops)];
  const measure = async (argv: readonly string[]) => {
    const { ms } = await stopwatch.start(argv, plain.mark);
    await stopwatch.settle();
    return ms * 1000;
  };
  const tally = new Tally();
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    mkdirSync(runFolder, { recursive: true, mode: 0o700 });
    cpSync(plan, join(runFolder, 'plan'));
    const helper = await measure([place.helper, 'start', runFolder]);
    const calls = await measure(bare);
    if (round === 0) continue;
    tally.add('', 'bare calls', calls);
    tally.add('', 'helper', helper);
  }
  run(place, [place.ctr, 'undefine', name]);
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
  ];
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
