/** The helper, from its exec to the payload's exec, beside a program that makes the same calls and nothing else. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePlan } from '../src/exec/decode.js';
import type { Op } from '../src/exec/plan.js';
import { makeRoot, type Place, run, writeDefinition } from './place.js';
import type { Figure } from './statistics.js';

const NAME = 'measured';

/** Both start the same plan on the same root, in turns. */
export function measureHelperStart(place: Place, rounds: number): Figure[] {
  const rootfs = makeRoot(place, false);
  const plan = compilePlan(place, rootfs);
  const { ops } = decodePlan(readFileSync(plan));
  const runFolder = join(place.runDir, 'containers', NAME);
  const measure = (...command: string[]) => {
    return Number(run(place, [join(place.tools, 'measure'), join(rootfs, 'mark'), ...command])) / 1000;
  };
  const floor = () => measure(join(place.tools, 'floor'), rootfs, ...floorWords(place, ops));
  const helper = () => {
    mkdirSync(runFolder, { recursive: true, mode: 0o700 });
    cpSync(plan, join(runFolder, 'plan'));
    return measure(place.helper, 'start', runFolder);
  };

  const values = { floor: [] as number[], helper: [] as number[] };
  for (let round = -1; round < rounds; round += 1) {
    const both = { floor: floor(), helper: helper() };
    // The first round warms up.
    if (round < 0) continue;
    values.floor.push(both.floor);
    values.helper.push(both.helper);
  }
  run(place, [place.ctr, 'undefine', NAME]);
  const base = { what: 'bare calls', values: values.floor };
  return [
    { what: 'bare calls, exec to exec', unit: 'µs', values: values.floor },
    { what: 'helper, exec to exec', unit: 'µs', values: values.helper, base, limit: 2 },
  ];
}

/** Starts the container once, which leaves its compiled plan; gives a copy. */
function compilePlan(place: Place, rootfs: string): string {
  run(place, [place.ctr, 'define', writeDefinition(place, NAME, rootfs)]);
  writeFileSync(join(rootfs, 'hold'), '');
  run(place, [place.ctr, 'start', NAME]);
  const copy = join(place.scratch, 'plan');
  cpSync(join(place.runDir, 'containers', NAME, 'plan'), copy);
  run(place, [place.ctr, 'destroy', NAME]);
  run(place, ['rm', join(rootfs, 'hold')]);
  return copy;
}

/** The words that tell bench/floor.c what differs from host to host: ids, cgroups, the filter. */
function floorWords(place: Place, ops: readonly Op[]): string[] {
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
      default:
        return [];
    }
  });
  const first = ops.find((op) => op.op === 'idmap');
  return [String(first?.op === 'idmap' ? first.outside : 0), ...words, 'exec', '/payload'];
}
