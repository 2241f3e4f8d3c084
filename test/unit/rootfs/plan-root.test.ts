import { describe, expect, test } from 'vitest';
import type { FilesystemSpec } from '../../../src/config/spec.js';
import { OPTION } from '../../../src/exec/plan.js';
import { planRoot } from '../../../src/rootfs/plan-root.js';

function root(changes: Partial<Extract<FilesystemSpec, { type: 'mount' }>> = {}): FilesystemSpec {
  return { type: 'mount', source: '/srv/root', target: '/', readonly: false, accessMode: 'passthrough', ...changes };
}

describe('planRoot', () => {
  test('takes the host’s root when no file system is for /, without what the host has mounted there', () => {
    expect(planRoot([root({ target: '/srv' })], false)).toEqual([
      { op: 'root', source: '/', options: 0 },
      { op: 'detach', path: '/proc', options: OPTION.OPTIONAL },
      { op: 'detach', path: '/sys', options: OPTION.OPTIONAL },
      { op: 'detach', path: '/dev', options: OPTION.OPTIONAL },
    ]);
    expect(planRoot([root({ source: '/' })], false)).toEqual(planRoot([], false));
  });

  test('takes a directory as it is', () => {
    expect(planRoot([root()], true)).toEqual([{ op: 'root', source: '/srv/root', options: 0 }]);
  });

  test('maps ids where the configuration says so, and read-only too', () => {
    expect(planRoot([root({ accessMode: 'mapped', readonly: true })], true)).toEqual([
      { op: 'root', source: '/srv/root', options: OPTION.IDMAPPED | OPTION.READ_ONLY },
    ]);
  });

  test('maps nothing without a user namespace: ids on disk are those inside anyway', () => {
    expect(planRoot([root({ accessMode: 'mapped' })], false)).toEqual([
      { op: 'root', source: '/srv/root', options: 0 },
    ]);
  });

  test('refuses two roots, and a root that is no directory of the host', () => {
    expect(() => planRoot([root(), root()], false)).toThrow(/two filesystems have this target/);
    expect(() => planRoot([{ type: 'ram', target: '/', sizeBytes: 4096, readonly: false }], false)).toThrow(
      /type 'ram' cannot be the root/,
    );
  });
});
