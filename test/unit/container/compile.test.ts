import { describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/config/spec.js';
import { compile } from '../../../src/container/compile.js';
import { CtrError } from '../../../src/errors.js';
import { encodePlan } from '../../../src/exec/encode.js';
import { formatPlan } from '../../../src/exec/format-plan.js';
import { OPS, type Op, PHASES } from '../../../src/exec/plan.js';
import { joinedNetworks } from '../network/joined.js';
import { FULL, type LayoutName, MINIMAL, MOUNTS, makeHost, SYSTEM, UUID } from './example-specs.js';
import { PROCESS } from './process-spec.js';

function compileOps(spec: ContainerSpec, layout: LayoutName = 'hybrid'): readonly Op[] {
  return compile(spec, makeHost(layout, { securityModules: ['apparmor'] }), {
    uuid: UUID,
    networks: joinedNetworks(spec),
  }).ops;
}

/** A plan as `ctr plan` prints it, or the error that stands in its place. */
function printPlan(spec: ContainerSpec, layout: LayoutName): string {
  try {
    return formatPlan({ ops: compileOps(spec, layout) });
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    return `${error.code}: ${error.message}\nhint: ${error.hint}\n`;
  }
}

const GOLDEN = [
  ['minimal', 'hybrid', MINIMAL],
  ['minimal', 'none', MINIMAL],
  ['system', 'hybrid', SYSTEM],
  ['system', 'v1', SYSTEM],
  ['system', 'v2', SYSTEM],
  ['full', 'hybrid', FULL],
  ['full', 'v1', FULL],
  ['full', 'v2', FULL],
  ['mounts', 'hybrid', MOUNTS],
  ['mounts', 'v2', MOUNTS],
  ['process', 'hybrid', PROCESS],
  ['process', 'v2', PROCESS],
] as const;

describe('compile', () => {
  test.each(GOLDEN)('gives the same plan as ever [%s, cgroups %s]', async (name, layout, spec) => {
    await expect(printPlan(spec, layout)).toMatchFileSnapshot(`../../golden/plan/${name}-${layout}.txt`);
  });

  test.each([MINIMAL, SYSTEM, FULL, MOUNTS, PROCESS])(
    'keeps the order of phases, the name first and the exec last',
    (spec) => {
      const ops = compileOps(spec);
      const phases = ops.map(({ op }) => PHASES.indexOf(OPS[op].phase));
      expect(phases).toEqual(phases.toSorted((a, b) => a - b));
      expect([ops[0]?.op, ops.at(-1)?.op]).toEqual(['name', 'exec']);
      const mount = ops.filter(({ op }) => OPS[op].phase === 'mount');
      expect([mount[0]?.op, mount.at(-1)?.op]).toEqual([spec === MOUNTS ? 'root-device' : 'root', 'pivot']);
    },
  );

  test('gives the same bytes for the same spec and host', () => {
    expect(encodePlan({ ops: compileOps(FULL) })).toEqual(encodePlan({ ops: compileOps(structuredClone(FULL)) }));
  });

  test('masks after the user’s file systems, so that none lies on top', () => {
    const names = compileOps(FULL).map(({ op }) => op);
    expect(names.indexOf('mask')).toBeGreaterThan(names.findLastIndex((op) => op === 'bind' || op === 'mount'));
  });

  test('drops capabilities and loads the filter after the user is known and before the exec', () => {
    const names = compileOps(FULL).map(({ op }) => op);
    const order = ['personality', 'cwd', 'user', 'capabilities', 'seccomp', 'env', 'arg', 'exec'] as const;
    const places = order.map((op) => names.indexOf(op));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  test('lets a reboot restart the container only where the configuration says so', () => {
    const onReboot = (action: ContainerSpec['lifecycle']['onReboot']) => {
      const monitor = compileOps({ ...MINIMAL, lifecycle: { ...MINIMAL.lifecycle, onReboot: action } }).find(
        (op) => op.op === 'monitor',
      );
      return monitor?.onReboot;
    };
    expect([onReboot('restart'), onReboot('destroy'), onReboot('preserve')]).toEqual(['restart', 'stop', 'stop']);
  });

  test('hands over the stop signal of the configuration by its number, and none else', () => {
    const stopSignal = (name: string) =>
      compileOps({ ...MINIMAL, lifecycle: { ...MINIMAL.lifecycle, stopSignal: name } }).find(
        (op) => op.op === 'stop-signal',
      )?.signal;
    expect(['USR1', 'RTMIN+4', 'RTMAX-1'].map(stopSignal)).toEqual([10, 38, 63]);
    expect(() => stopSignal('RTMAX+9')).toThrow("cannot compile 'vm1': this host has no signal 'RTMAX+9'");
    expect(compileOps(MINIMAL).map(({ op }) => op)).not.toContain('stop-signal');
  });

  test('opens the clock to the filter with the capability for it', () => {
    const states = [{ name: 'sys_time', state: 'on' }] as const;
    const withTime = { ...MINIMAL, features: { privnet: false, capabilities: { policy: 'default', states } } } as const;
    const filter = (spec: ContainerSpec) => compileOps(spec).find((op) => op.op === 'seccomp')?.program;
    expect(filter(withTime)).not.toEqual(filter(MINIMAL));
  });

  test('omits the group of terminals where the id map has none', () => {
    const idmap = { uid: [{ inside: 0, outside: 9, count: 1 }], gid: [{ inside: 0, outside: 9, count: 5 }] };
    expect(printPlan({ ...MINIMAL, idmap }, 'hybrid')).toContain('newinstance,ptmxmode=0666,mode=0620\n');
  });

  test('says all that no start can give at once', () => {
    const refusals = ['interface 1 asks for a port profile', 'disk 2 is of a network'];
    expect(() => compileOps({ ...MINIMAL, refusals })).toThrow(`cannot start 'vm1': ${refusals.join('; ')}`);
  });

  test('refuses a user namespace whose ids nobody has chosen, rather than to do without it', () => {
    expect(() => compileOps({ ...MINIMAL, idRange: { from: 'free', count: 65_536 } })).toThrow('are not chosen yet');
  });

  test('takes the right to reboot where a reboot would be the host’s', () => {
    const bounding = (spec: ContainerSpec) => {
      const op = compileOps(spec).find((candidate) => candidate.op === 'capabilities');
      return ((op?.op === 'capabilities' ? BigInt(op.bounding) : 0n) >> 22n) & 1n;
    };
    expect([bounding(MINIMAL), bounding({ ...MINIMAL, namespaces: { pid: { kind: 'host' } } })]).toEqual([1n, 0n]);
  });

  test('refuses a container without a console', () => {
    expect(() => compileOps({ ...MINIMAL, consoles: [] })).toThrow("cannot compile 'vm1': it has no console");
  });
});
