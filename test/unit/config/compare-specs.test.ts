import { describe, expect, test } from 'vitest';
import { compareSpecs } from '../../../src/config/compare-specs.js';
import type { ContainerSpec } from '../../../src/config/spec.js';

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
    expect(changes({}, { security: { ...SPEC.security, nesting: true } })).toEqual(['nesting is added']);
    expect(changes({ security: { ...SPEC.security, masks: false } }, {})).toEqual([
      'masking of /proc and /sys is added',
    ]);
  });

  test('goes by what entries are, not by their order', () => {
    const tmp = { type: 'ram', target: '/tmp', readonly: false, sizeBytes: 4096 } as const;
    const run = { type: 'ram', target: '/run', readonly: false } as const;
    const lines = changes({ filesystems: [tmp, run] }, { filesystems: [run, { ...tmp, sizeBytes: 8192 }] });
    expect(lines).toEqual(["size of filesystem '/tmp' becomes 8192 bytes instead of 4096 bytes"]);
    expect(changes({ filesystems: [tmp, run] }, { filesystems: [tmp] })).toEqual(["filesystem '/run' is lost: 'ram'"]);
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
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    const init = { path: '/init', args: [], env };
    expect(changes({ init }, { init: { ...init, env: env.slice(0, 1) } })).toEqual([
      "environment variable 'A (2)' of init is lost: '2'",
    ]);
  });

  test('each line is one, whatever the values hold', () => {
    for (const line of changes({ title: 'a\nb\u001b[2J', description: 'x'.repeat(5000) }, {})) {
      expect(line).toMatch(/^\P{Cc}*$/u);
      expect(line.length).toBeLessThan(200);
    }
  });
});
