import { describe, expect, test } from 'vitest';
import type { FilesystemSpec } from '../../../src/config/spec.js';
import { OPTION } from '../../../src/exec/plan.js';
import { planRoot, type RootRequest } from '../../../src/rootfs/plan-root.js';

function root(changes: Partial<Extract<FilesystemSpec, { type: 'mount' }>> = {}): FilesystemSpec {
  return { type: 'mount', source: '/srv/root', target: '/', readonly: false, accessMode: 'passthrough', ...changes };
}

const PLAIN: RootRequest = { hasUserNamespace: false, root: { uid: 0, gid: 0 } };
const SHIFTED: RootRequest = { hasUserNamespace: true, root: { uid: 1000, gid: 2000 } };

describe('planRoot', () => {
  test('takes the host’s root when no file system is for /, without what the host has mounted there', () => {
    expect(planRoot([root({ target: '/srv' })], PLAIN)).toEqual([
      { op: 'root', source: '/', options: 0 },
      { op: 'detach', path: '/proc', options: OPTION.OPTIONAL },
      { op: 'detach', path: '/sys', options: OPTION.OPTIONAL },
      { op: 'detach', path: '/dev', options: OPTION.OPTIONAL },
    ]);
    expect(planRoot([root({ source: '/' })], PLAIN)).toEqual(planRoot([], PLAIN));
  });

  test('takes a directory as it is', () => {
    expect(planRoot([root()], SHIFTED)).toEqual([{ op: 'root', source: '/srv/root', options: 0 }]);
  });

  test('maps ids where the configuration says so, and read-only too', () => {
    expect(planRoot([root({ accessMode: 'mapped', readonly: true })], SHIFTED)).toEqual([
      { op: 'root', source: '/srv/root', options: OPTION.IDMAPPED | OPTION.READ_ONLY },
    ]);
  });

  test('maps nothing without a user namespace: ids on disk are those inside anyway', () => {
    expect(planRoot([root({ accessMode: 'mapped' })], PLAIN)).toEqual([
      { op: 'root', source: '/srv/root', options: 0 },
    ]);
  });

  test('refuses two roots, and a root that is no directory of the host', () => {
    expect(() => planRoot([root(), root()], PLAIN)).toThrow(/two filesystems have this target/);
    expect(() => planRoot([{ type: 'ram', target: '/', sizeBytes: 4096, readonly: false }], PLAIN)).toThrow(
      /type 'ram' cannot be the root/,
    );
  });
});
