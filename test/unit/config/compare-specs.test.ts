import { describe, expect, test } from 'vitest';
import { CAPABILITY_NAMES } from '../../../src/config/capability-names.js';
import { compareSpecs } from '../../../src/config/compare-specs.js';
import { MASKED_PATHS, READ_ONLY_PATHS } from '../../../src/config/guarded-paths.js';
import type { CapabilitiesSpec, ContainerSpec } from '../../../src/config/spec.js';

const SPEC: ContainerSpec = {
  format: 'lxc',
  name: 'web',
  memory: {},
  cpu: { count: 1 },
  init: { path: '/sbin/init', args: [], env: [] },
  features: { privnet: true, capabilities: { policy: 'default', states: [] } },
  filesystems: [{ type: 'mount', source: '/srv/web', target: '/', readonly: false, accessMode: 'passthrough' }],
  interfaces: [],
  consoles: [{ type: 'pty' }],
  lifecycle: { onPoweroff: 'destroy', onReboot: 'restart', onCrash: 'destroy' },
  security: { seccomp: 'os', masks: true, nesting: false },
};

function changes(before: Partial<ContainerSpec>, after: Partial<ContainerSpec>): string[] {
  return compareSpecs({ ...SPEC, ...before }, { ...SPEC, ...after });
}

describe('two ways to say the same are no difference', () => {
  const { features, security } = SPEC;
  const capabilities = (changes: Partial<CapabilitiesSpec>) => ({
    features: { ...features, capabilities: { ...features.capabilities, ...changes } },
  });

  test.each<[string, Partial<ContainerSpec>, Partial<ContainerSpec>]>([
    ['the limit of memory', { memory: { totalBytes: 4096 } }, { memory: { hardLimitBytes: 4096 } }],
    ['the host name', {}, { hostname: 'web' }],
    ['a network of its own', {}, { namespaces: { net: { kind: 'own' } } }],
    [
      'root',
      {},
      {
        init: {
          path: '/sbin/init',
          args: [],
          env: [],
          dir: '/',
          user: 'root',
          group: '0',
          supplementaryGids: [],
          argv0: '/sbin/init',
        },
      },
    ],
    [
      'capabilities',
      capabilities({ policy: 'deny', states: [{ name: 'chown', state: 'on' }] }),
      capabilities({
        policy: 'allow',
        states: CAPABILITY_NAMES.filter((name) => name !== 'chown').map((name) => ({ name, state: 'off' })),
        permitted: ['chown'],
      }),
    ],
    [
      'rules for devices',
      {},
      {
        devices: {
          nodes: [],
          rules: [
            { allow: false, kind: 'all', access: 'rwm' },
            { allow: true, kind: 'char', major: 136, access: 'rwm' },
            ...[3, 5, 7, 8, 9].map((minor) => ({ allow: true, kind: 'char', major: 1, minor, access: 'mrw' }) as const),
            { allow: true, kind: 'char', major: 5, minor: 0, access: 'rwm' },
            { allow: true, kind: 'char', major: 5, minor: 2, access: 'rwm' },
          ],
        },
      },
    ],
    [
      'masks, and the guard of /proc',
      { features: { ...features, privnet: false } },
      {
        features: { ...features, privnet: false },
        kernelMounts: { proc: 'writable' },
        security: {
          ...security,
          masks: false,
          maskedPaths: MASKED_PATHS,
          readonlyPaths: [...READ_ONLY_PATHS, '/proc/sys'],
        },
      },
    ],
    [
      'flags and modes of mounts',
      { filesystems: [{ type: 'ram', target: '/tmp', readonly: false }] },
      {
        filesystems: [
          {
            type: 'ram',
            target: '/tmp',
            readonly: false,
            mode: 0o1777,
            flags: ['nosuid', 'nodev'],
            propagation: 'rprivate',
            create: 'dir',
          },
        ],
      },
    ],
    [
      'what the own /dev has',
      {},
      { filesystems: [...SPEC.filesystems, { type: 'ram', target: '/dev/shm', readonly: false, mode: 0o1777 }] },
    ],
  ])('%s', (_what, one, other) => {
    expect(changes(one, other)).toEqual([]);
    expect(changes(other, one)).toEqual([]);
  });

  test('but a whole /proc/sys is more than one without its net', () => {
    const kernelMounts = { proc: 'writable' } as const;
    const own = { ...security, masks: false, readonlyPaths: ['/proc/sys'] };
    expect(changes({ kernelMounts, security: own }, { security: { ...security, masks: false } })).toEqual([
      "read-only path '/proc/sys' is lost",
      "read-only path '/proc/sys but net' is added",
    ]);
  });

  test('nor are clocks of its own the usual ones, which are those of the host', () => {
    expect(changes({ namespaces: { time: { kind: 'own' } } }, {})).toEqual(["time namespace is lost: 'own'"]);
    expect(changes({ namespaces: { time: { kind: 'host' } } }, {})).toEqual([]);
  });

  test('nor is a set of no capabilities that of all', () => {
    expect(changes(capabilities({ permitted: [] }), {})).toEqual(["permitted capability 'none' is lost"]);
  });

  test('nor are rules for devices that take one back the usual ones', () => {
    const rules = [
      { allow: true, kind: 'all', access: 'rwm' },
      { allow: false, kind: 'block', access: 'rwm' },
    ] as const;
    expect(changes({}, { devices: { nodes: [], rules } })).toEqual([
      "device rule '1: allow all rwm' is added",
      "device rule '2: deny block *:* rwm' is added",
    ]);
  });
});

describe('compareSpecs', () => {
  test('says nothing of what is the same, of the format, and of entries without effect', () => {
    expect(compareSpecs(SPEC, SPEC)).toEqual([]);
    expect(changes({ kept: [{ format: 'lxc', key: 'a', value: 'b' }] }, { format: 'oci' })).toEqual([]);
  });

  test('what is absent is the same as its default', () => {
    expect(changes({ kernelMounts: { proc: 'guarded', cgroup: 'readonly' } }, {})).toEqual([]);
    expect(changes({ process: { terminal: true, rlimits: [] } }, {})).toEqual([]);
    expect(changes({ hostFiles: { resolvConf: 'off' } }, {})).toEqual([]);
    expect(changes({ autostart: { enabled: false } }, { ports: [] })).toEqual([]);
    expect(changes({ process: { terminal: false } }, {})).toHaveLength(1);
  });

  test('names what is lost, added and changed', () => {
    expect(changes({ memory: { softLimitBytes: 1024 } }, {})).toEqual(['soft limit of memory is lost: 1024 bytes']);
    expect(changes({ hostname: 'a' }, { hostname: 'b' })).toEqual(["hostname becomes 'b' instead of 'a'"]);
    expect(changes({}, { security: { ...SPEC.security, noNewPrivs: true } })).toEqual([
      'no-new-privileges flag is added',
    ]);
  });

  test('goes by what entries are, not by their order', () => {
    const tmp = { type: 'ram', target: '/tmp', readonly: false, sizeBytes: 4096 } as const;
    const run = { type: 'ram', target: '/run', readonly: false } as const;
    const lines = changes({ filesystems: [tmp, run] }, { filesystems: [run, { ...tmp, sizeBytes: 8192 }] });
    expect(lines).toEqual(["size of filesystem '/tmp' becomes 8192 bytes instead of 4096 bytes"]);
    expect(changes({ filesystems: [tmp, run] }, { filesystems: [tmp] })).toEqual([
      "filesystem '/run' is lost: type 'ram', flags 'nodev nosuid', mode 01777",
    ]);
  });

  test('lists of plain words go by their place', () => {
    const init = { path: '/init', args: ['-a', '-b'], env: [] };
    expect(changes({ init }, { init: { ...init, args: ['-a', '-c'] } })).toEqual([
      "argument 2 of init becomes '-c' instead of '-b'",
    ]);
  });

  test('a word in place of an object is told as a whole', () => {
    const seccomp = { defaultAction: 'errno', rules: [{ names: ['read'], action: 'allow' }] } as const;
    const [line, ...others] = changes({ security: { ...SPEC.security, seccomp } }, {});
    expect(line).toMatch(/^seccomp filter becomes 'os' instead of default action 'errno', rules '\[/);
    expect(others).toEqual([]);
  });

  test('two entries of one key are two', () => {
    const hook = { when: 'start', path: '/bin/a', convention: 'oci' } as const;
    expect(
      changes(
        {
          hooks: [
            { ...hook, args: [] },
            { ...hook, args: ['x'] },
          ],
        },
        { hooks: [{ ...hook, args: [] }] },
      ),
    ).toEqual(["hook 'start /bin/a (2)' is lost: convention 'oci', args 'x'"]);
  });

  test('many entries of one list share a line, which names them all', () => {
    const names = ['A', 'B', 'C'];
    const init = { path: '/init', args: [], env: names.map((name) => ({ name, value: '1' })) };
    expect(changes({ init }, { init: { ...init, env: [] } })).toEqual([
      "environment variables 'A', 'B', 'C' of init are lost",
    ]);
    const consoles = Array.from({ length: 4 }, () => ({ type: 'pty' }) as const);
    expect(changes({}, { consoles })).toEqual(['consoles 2, 3, 4 are added']);
  });

  test('an order of mounts that hide each other is told, any other is not', () => {
    const ram = (target: string) => ({ type: 'ram', target, readonly: false }) as const;
    const bind = { type: 'bind', source: '/x/a', target: '/b', readonly: false } as const;
    const told = ['order of the filesystems changes'];
    expect(changes({ filesystems: [ram('/x'), ram('/x/y')] }, { filesystems: [ram('/x/y'), ram('/x')] })).toEqual(told);
    expect(changes({ filesystems: [ram('/x/y'), ram('/x')] }, { filesystems: [ram('/x'), ram('/x/y')] })).toEqual(told);
    expect(changes({ filesystems: [ram('/x'), bind] }, { filesystems: [bind, ram('/x')] })).toEqual(told);
    expect(changes({ filesystems: [bind, ram('/x/a')] }, { filesystems: [ram('/x/a'), bind] })).toEqual(told);
    expect(changes({ filesystems: [ram('/x'), ram('/xy')] }, { filesystems: [ram('/xy'), ram('/x')] })).toEqual([]);
  });

  test('each line is one, whatever the values hold', () => {
    for (const line of changes({ title: 'a\nb\u001b[2J', description: 'x'.repeat(5000) }, {})) {
      expect(line).toMatch(/^\P{Cc}*$/u);
      expect(line.length).toBeLessThan(200);
    }
  });
});
