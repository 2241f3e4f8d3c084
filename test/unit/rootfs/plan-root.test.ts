import { describe, expect, test } from 'vitest';
import type { FilesystemSpec } from '../../../src/config/spec.js';
import { MS, OPTION } from '../../../src/exec/plan.js';
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

  test('sees what the host mounts in it later where the propagation says so', () => {
    const optionsOf = (propagation: 'rslave' | 'rprivate') =>
      planRoot([root({ propagation })], PLAIN).map((op) => op.op === 'root' && op.options);
    expect([optionsOf('rslave'), optionsOf('rprivate')]).toEqual([[OPTION.RECEIVE], [0]]);
  });

  test('refuses two roots, and a root that is no directory of the host', () => {
    expect(() => planRoot([root(), root()], PLAIN)).toThrow(/two filesystems have this target/);
    expect(() => planRoot([{ type: 'inaccessible', target: '/', readonly: false }], PLAIN)).toThrow(
      /type 'inaccessible' cannot be the root/,
    );
  });

  test('takes a block device, and a disk image by a loop device, never written when it is read-only', () => {
    const block: FilesystemSpec = { type: 'block', source: '/dev/vdb', target: '/', readonly: false, fstype: 'ext4' };
    expect(planRoot([block], PLAIN)).toEqual([
      { op: 'root-device', source: '/dev/vdb', fstype: 'ext4', flags: MS.NODEV, data: '', options: 0 },
    ]);
    const file: FilesystemSpec = { type: 'file', source: '/a.img', target: '/', readonly: true, accessMode: 'mapped' };
    expect(planRoot([file], SHIFTED)).toEqual([
      {
        op: 'root-device',
        source: '/a.img',
        fstype: '',
        flags: MS.NODEV | MS.RDONLY,
        data: '',
        options: OPTION.LOOP | OPTION.IDMAPPED | OPTION.READ_ONLY,
      },
    ]);
  });

  test('maps root inside to root, or to the owner, with and without a user namespace', () => {
    const optionsOf = (accessMode: 'root' | 'owner', request: RootRequest) =>
      planRoot([root({ accessMode })], request).map((op) => op.op === 'root' && op.options);
    expect([optionsOf('root', PLAIN), optionsOf('owner', SHIFTED)]).toEqual([[OPTION.MAP_ROOT], [OPTION.MAP_OWNER]]);
  });

  test.each([
    ['overlay', 'root-overlay'],
    ['ephemeral', 'root-overlay'],
    ['yes', 'root-usr'],
  ] as const)('covers the tree in mode %s by what is in memory, owned by root inside', (rootMode, op) => {
    const data = 'mode=755,size=25%,nr_inodes=1m';
    expect(planRoot([root()], { ...PLAIN, rootMode })).toEqual([
      { op: 'root', source: '/srv/root', options: 0 },
      { op, data },
    ]);
    expect(planRoot([], { ...SHIFTED, rootMode })).toEqual([
      { op: 'root', source: '/', options: 0 },
      { op, data: `${data},uid=1000,gid=2000` },
    ]);
  });

  test('makes the tree read-only in mode state, with /var in memory', () => {
    expect(planRoot([root()], { ...PLAIN, rootMode: 'state' })).toEqual([
      { op: 'root', source: '/srv/root', options: OPTION.READ_ONLY },
      expect.objectContaining({ op: 'mount', fstype: 'tmpfs', target: '/var' }),
    ]);
  });

  test('takes an overlay; where it is read-only, mount points are made in memory first', () => {
    const overlay = (readonly: boolean): FilesystemSpec => ({
      type: 'overlay',
      lowers: ['/a', '/b'],
      target: '/',
      readonly,
    });
    const [op] = planRoot([overlay(true)], PLAIN);
    expect(op).toMatchObject({ op: 'overlay', target: '/', upper: '', data: 'mode=755', options: OPTION.READ_ONLY });
    expect(planRoot([overlay(false)], PLAIN)[0]).toMatchObject({ options: 0, flags: MS.NODEV });
  });
});
