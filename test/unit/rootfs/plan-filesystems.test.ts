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

  test('takes exactly the flags that are named, and those that a bind has', () => {
    const flagsOf = (filesystem: FilesystemSpec) => {
      const [op] = planFilesystems([filesystem], PLAIN);
      return op !== undefined && 'flags' in op ? op.flags : undefined;
    };
    expect(flagsOf(mount('/x', { flags: [] }))).toBe(0);
    expect(flagsOf(mount('/x', { flags: ['noatime', 'sync'], recursive: true, propagation: 'rslave' }))).toBe(
      MS.NOATIME | MS.REC | MS.SLAVE,
    );
    expect(flagsOf({ type: 'ram', target: '/x', readonly: false, flags: ['sync', 'noexec'] })).toBe(
      MS.SYNCHRONOUS | MS.NOEXEC,
    );
  });

  test('leaves the ids of a tmpfs to who is inside', () => {
    const ram = (data: string): FilesystemSpec => ({ type: 'ram', target: '/x', readonly: false, mode: 0o1777, data });
    expect(planFilesystems([ram('uid=5,huge=never')], SHIFTED)).toEqual([
      expect.objectContaining({ data: 'mode=1777,uid=1000,gid=2000,uid=1005,huge=never' }),
    ]);
    for (const data of ['uid=70000', 'gid=me', 'uid=-1'])
      expect(() => planFilesystems([ram(data)], SHIFTED)).toThrow(`'${data}' names no id of the container`);
  });

  test('takes disk images that are raw, and no others', () => {
    const file = (parts: object): FilesystemSpec => ({
      type: 'file',
      source: '/a',
      target: '/x',
      readonly: true,
      ...parts,
    });
    expect(planFilesystems([file({ format: 'raw', driver: 'loop' })], PLAIN)).toEqual([
      expect.objectContaining({ op: 'mount-device', fstype: '', flags: 7, options: OPTION.LOOP }),
    ]);
    expect(() => planFilesystems([file({ format: 'qcow2' })], PLAIN)).toThrow(/no disk image of format 'qcow2'/);
    expect(() => planFilesystems([file({ driver: 'nbd' })], PLAIN)).toThrow(/not by nbd/);
  });

  test('refuses what libvirt cannot mount, either', () => {
    const of = (type: 'template' | 'volume'): FilesystemSpec => ({ type, source: 'x', target: '/x', readonly: false });
    expect(() => planFilesystems([of('template')], PLAIN)).toThrow(/a 'template' cannot be mounted/);
    expect(() => planFilesystems([of('volume')], PLAIN)).toThrow(/a 'volume' cannot be mounted/);
  });

  const special = (fstype: string, target: string): FilesystemSpec => ({
    type: 'special',
    fstype,
    source: fstype,
    target,
    readonly: false,
  });

  test('mounts nothing that would show the host to a user namespace, nor its cgroups to anybody', () => {
    for (const fstype of ['debugfs', 'binfmt_misc', 'nfs', 'overlay'])
      expect(() => planFilesystems([special(fstype, '/x')], SHIFTED)).toThrow(/the kernel mounts no/);
    expect(planFilesystems([special('debugfs', '/x')], PLAIN)).toHaveLength(1);
    expect(() => planFilesystems([special('cgroup2', '/x')], PLAIN)).toThrow(/would show the cgroups of the host/);
    expect(planFilesystems([special('mqueue', '/dev/mqueue')], SHIFTED)).toHaveLength(1);
  });

  test('leaves out what ctr mounts there by itself, and fills a place that it was asked to leave', () => {
    const own = [
      special('proc', '/proc'),
      special('sysfs', '/sys'),
      special('devpts', '/dev/pts'),
      special('tmpfs', '/dev'),
    ];
    expect(planFilesystems(own, PLAIN)).toEqual([]);
    const [proc] = planFilesystems([special('proc', '/proc')], { ...PLAIN, kernelMounts: { proc: 'none' } });
    expect(proc).toMatchObject({ op: 'mount', fstype: 'proc', target: '/proc' });
    expect(() => planFilesystems([special('tmpfs', '/proc')], PLAIN)).toThrow(/ctr itself mounts/);
    expect(() => planFilesystems([mount('/proc')], { ...PLAIN, kernelMounts: { proc: 'none' } })).toThrow();
  });

  test('hides anything but its own mounts', () => {
    const hide = (target: string): FilesystemSpec => ({ type: 'inaccessible', target, readonly: false });
    expect(planFilesystems([hide('/proc/kallsyms'), hide('/srv')], PLAIN)).toEqual([
      { op: 'inaccessible', path: '/proc/kallsyms', options: OPTION.NO_SYMLINKS },
      { op: 'inaccessible', path: '/srv', options: 0 },
    ]);
    expect(() => planFilesystems([hide('/proc')], PLAIN)).toThrow(/ctr itself mounts/);
  });

  test('lets what is optional fail', () => {
    const options = planFilesystems(
      [mount('/a', { optional: true }), { type: 'block', source: '/b', target: '/b', readonly: true, optional: true }],
      PLAIN,
    ).map((op) => 'options' in op && Number(op.options) & OPTION.IF_POSSIBLE);
    expect(options).toEqual([OPTION.IF_POSSIBLE, OPTION.IF_POSSIBLE]);
  });
});

describe('overlays', () => {
  const overlay = (parts: Partial<Extract<FilesystemSpec, { type: 'overlay' }>>): FilesystemSpec => ({
    type: 'overlay',
    target: '/x',
    readonly: false,
    lowers: ['/a', '+/b'],
    ...parts,
  });
  const plan = (parts: Parameters<typeof overlay>[0]) => planFilesystems([overlay(parts)], PLAIN)[0];
  const layers = (...paths: string[]) => new TextEncoder().encode(paths.map((path) => `${path}\0`).join(''));

  test('keep what is written in the upper directory, or in memory', () => {
    expect(plan({ upper: '/u' })).toMatchObject({ layers: layers('/a', '+/b'), upper: '/u', data: '' });
    expect(plan({})).toMatchObject({ upper: '', data: 'mode=755' });
  });

  test('that are read-only read the upper directory too; of one directory they are a bind', () => {
    expect(plan({ readonly: true, upper: '/u' })).toMatchObject({
      layers: layers('/a', '+/b', '/u'),
      upper: '',
      data: '',
    });
    expect(plan({ readonly: true, lowers: ['+/b'] })).toMatchObject({
      op: 'bind',
      source: '/b',
      options: OPTION.INSIDE,
    });
  });

  test('need directories that are named from the top', () => {
    expect(() => plan({ lowers: [] })).toThrow(/needs a lower directory/);
    expect(() => plan({ lowers: ['a'] })).toThrow(/'a' is no absolute path/);
    expect(() => plan({ upper: '+u' })).toThrow(/'\+u' is no absolute path/);
  });
});
