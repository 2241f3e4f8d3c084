import { describe, expect, test } from 'vitest';
import type { FilesystemSpec } from '../../../src/config/spec.js';
import { MS, OPTION } from '../../../src/exec/plan.js';
import { type FilesystemsRequest, planFilesystems } from '../../../src/rootfs/plan-filesystems.js';

/** 65536 ids from 1000 and 2000. */
const SHIFTED: FilesystemsRequest = {
  root: { uid: 1000, gid: 2000 },
  mapUid: (id) => (id < 65_536 ? 1000 + id : undefined),
  mapGid: (id) => (id < 65_536 ? 2000 + id : undefined),
};
const PLAIN: FilesystemsRequest = { root: undefined, mapUid: (id) => id, mapGid: (id) => id };

function mount(target: string, changes: Partial<Extract<FilesystemSpec, { type: 'mount' }>> = {}): FilesystemSpec {
  return { type: 'mount', source: '/srv/x', target, readonly: false, accessMode: 'passthrough', ...changes };
}

describe('planFilesystems', () => {
  test('keeps the order of the configuration and leaves the root out', () => {
    const ops = planFilesystems([mount('/b'), mount('/'), mount('/a'), mount('/b')], PLAIN);
    expect(ops.map((op) => op.op === 'bind' && op.target)).toEqual(['/b', '/a', '/b']);
  });

  test('binds a directory of the host, not what is mounted below it', () => {
    expect(planFilesystems([mount('/data', { readonly: true })], SHIFTED)).toEqual([
      { op: 'bind', source: '/srv/x', target: '/data', flags: MS.NOSUID | MS.NODEV | MS.RDONLY, options: 0 },
    ]);
  });

  test('maps ids where asked, and keeps devices and set-user-id in that tree dead', () => {
    expect(planFilesystems([mount('/data', { accessMode: 'mapped' })], SHIFTED)).toEqual([
      { op: 'bind', source: '/srv/x', target: '/data', flags: MS.NOSUID | MS.NODEV, options: OPTION.IDMAPPED },
    ]);
    expect(planFilesystems([mount('/data', { accessMode: 'mapped' })], PLAIN)).toEqual(
      planFilesystems([mount('/data')], PLAIN),
    );
  });

  test('binds a directory of the container on another', () => {
    expect(planFilesystems([{ type: 'bind', source: '/a', target: '/b', readonly: false }], SHIFTED)).toEqual([
      { op: 'bind', source: '/a', target: '/b', flags: 0, options: OPTION.INSIDE },
    ]);
  });

  test('gives memory file systems to root inside', () => {
    const ram: FilesystemSpec = { type: 'ram', target: '/tmp', sizeBytes: 4096, readonly: true };
    const flags = MS.NOSUID | MS.NODEV | MS.RDONLY;
    expect(planFilesystems([ram], SHIFTED)).toEqual([
      {
        op: 'mount',
        fstype: 'tmpfs',
        source: 'tmpfs',
        target: '/tmp',
        flags,
        data: 'size=4096,uid=1000,gid=2000',
        options: 0,
      },
    ]);
    expect(planFilesystems([ram], PLAIN)).toEqual([expect.objectContaining({ data: 'size=4096' })]);
  });

  test.each([
    '/proc',
    '/proc/',
    '/proc/sys',
    '/proc/self/attr',
    '/sys',
    '/dev',
    '/dev/.',
    '/x/../proc',
    '//proc',
    '/proc/meminfo/x',
  ])('refuses the target %s, which is the runtime’s own', (target) => {
    expect(() => planFilesystems([mount(target)], PLAIN)).toThrow(`cannot plan filesystem '${target}'`);
  });

  test.each(['/proc/meminfo', '/proc/uptime', '/sys/fs/fuse', '/dev/shm', '/devices', '/procfs'])(
    'takes the target %s',
    (target) => {
      expect(planFilesystems([mount(target)], PLAIN)).toHaveLength(1);
    },
  );
});
