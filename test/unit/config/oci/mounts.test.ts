import { describe, expect, test } from 'vitest';
import type { FilesystemSpec, KernelMountsSpec } from '../../../../src/config/spec.js';
import { type Changes, configText, messagesOf, specOf } from './config-text.js';

interface Read {
  readonly filesystems: readonly FilesystemSpec[];
  readonly kernelMounts: KernelMountsSpec | undefined;
  readonly refusals: readonly string[] | undefined;
}

/** Without the root. */
function read(...mounts: unknown[]): Read {
  const { filesystems, kernelMounts, refusals } = specOf(configText({ mounts }));
  return { filesystems: filesystems.slice(1), kernelMounts, refusals };
}

const errors = (...mounts: unknown[]) => messagesOf(configText({ mounts }));
const warnings = (...mounts: unknown[]) => messagesOf(configText({ mounts }), 'warning');

describe('what ctr mounts itself', () => {
  test('is as the text has it: read-only or writable, with or without', () => {
    const ro = ['nosuid', 'ro'];
    expect(
      read(
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/dev', type: 'tmpfs', options: ['size=64k', 'mode=755', 'strictatime'] },
        { destination: '/dev/pts', type: 'devpts', options: ['newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
        { destination: '/sys', type: 'sysfs', options: ro },
        { destination: '/sys/fs/cgroup', type: 'cgroup', options: ro },
      ),
    ).toEqual({
      filesystems: [],
      kernelMounts: { proc: 'writable', dev: 'own', devSizeBytes: 65_536, sys: 'readonly', cgroup: 'readonly' },
      refusals: undefined,
    });
    expect(
      read({ destination: '/sys', type: 'sysfs' }, { destination: '/sys/fs/cgroup', type: 'cgroup2' }).kernelMounts,
    ).toEqual({
      proc: 'none',
      dev: 'own',
      sys: 'writable',
      cgroup: 'writable',
    });
  });

  test('of /dev is there even where the text has none, unless it brings a whole /dev', () => {
    expect(read({ destination: '/dev/shm', type: 'tmpfs' }).kernelMounts?.dev).toBe('own');
    expect(read({ destination: '/dev', type: 'bind', source: '/dev' }).kernelMounts?.dev).toBe('none');
  });

  test('takes no options of its own: a warning for each', () => {
    expect(warnings({ destination: '/sys', type: 'sysfs', options: ['ro', 'mode=777'] })).toEqual([
      'mounts[0].options[1] has no effect: ctr mounts /sys itself',
    ]);
  });

  test('hides processes as proc(5) says', () => {
    const proc = (...options: string[]) => read({ destination: '/proc', type: 'proc', options }).kernelMounts;
    expect(proc('nosuid', 'hidepid=2')).toMatchObject({ hidePid: 'invisible' });
    expect(proc('hidepid=ptraceable', 'subset=pid')).toMatchObject({ hidePid: 'ptraceable', procSubset: 'pid' });
    expect(proc('hidepid=0')).not.toHaveProperty('hidePid');
  });

  test('elsewhere, or with options that restrict, is out of reach of its guards: a start refuses', () => {
    const { refusals, kernelMounts, filesystems } = read(
      { destination: '/proc', type: 'proc', options: ['gid=5'] },
      { destination: '/mnt/sys', type: 'sysfs', options: ['ro'] },
    );
    expect(refusals).toEqual([
      "it mounts 'proc' on '/proc' otherwise than ctr guards it",
      "it mounts 'sysfs' on '/mnt/sys' otherwise than ctr guards it",
    ]);
    expect(kernelMounts).toMatchObject({ proc: 'none', sys: 'none' });
    expect(filesystems).toHaveLength(2);
  });

  test('of /dev the terminals are a part; with a /dev of the host they are a file system', () => {
    const devpts = { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['mode=0620'] };
    const { kernelMounts, filesystems } = read(
      { destination: '/dev', type: 'bind', source: '/dev', options: ['rbind'] },
      devpts,
    );
    expect(kernelMounts?.dev).toBe('none');
    expect(filesystems).toEqual([
      {
        type: 'mount',
        source: '/dev',
        target: '/dev',
        readonly: false,
        flags: [],
        accessMode: 'passthrough',
        recursive: true,
      },
      {
        type: 'special',
        fstype: 'devpts',
        source: 'devpts',
        target: '/dev/pts',
        readonly: false,
        flags: [],
        data: 'mode=0620',
      },
    ]);
  });
});

describe('other mounts', () => {
  test('binds have exactly the flags of the text', () => {
    const options = ['rbind', 'nodev', 'nosuid', 'dev', 'rslave', 'rro', 'rnoexec'];
    expect(read({ destination: '/data/', type: 'none', source: '/srv/data', options }).filesystems).toEqual([
      {
        type: 'mount',
        source: '/srv/data',
        target: '/data',
        readonly: true,
        flags: ['nosuid', 'noexec'],
        propagation: 'rslave',
        accessMode: 'passthrough',
        recursive: true,
      },
    ]);
  });

  test('without a type, with a source, is a bind', () => {
    expect(read({ destination: '/a', source: '/b', options: ['ro'] }).filesystems[0]).toMatchObject({
      type: 'mount',
      source: '/b',
      readonly: true,
    });
  });

  test('tmpfs has size and mode, and other options as data', () => {
    const options = ['nosuid', 'mode=1777', 'size=64m', 'nr_inodes=4k', 'uid=5'];
    expect(read({ destination: '/dev/shm', type: 'tmpfs', source: 'shm', options }).filesystems).toEqual([
      {
        type: 'ram',
        target: '/dev/shm',
        readonly: false,
        flags: ['nosuid'],
        mode: 0o1777,
        sizeBytes: 64 * 1024 * 1024,
        data: 'nr_inodes=4k,uid=5',
      },
    ]);
    expect(read({ destination: '/x', type: 'tmpfs', options: ['size=10%'] }).filesystems[0]).toMatchObject({
      data: 'size=10%',
    });
  });

  test('tmpcopyup is of a tmpfs, and told to have no effect on others', () => {
    const mount = { destination: '/run', type: 'tmpfs', options: ['tmpcopyup'] };
    expect(read(mount).filesystems[0]).toMatchObject({ type: 'ram', copyUp: true });
    expect(warnings(mount)).toEqual([]);
    expect(warnings({ ...mount, type: 'bind', source: '/x' })).toEqual([
      "mounts[0].options 'tmpcopyup' has no effect: it is for a tmpfs",
    ]);
  });

  test('of any other type are file systems of the kernel, unknown options their data', () => {
    const options = ['lowerdir=/a:/b', 'upperdir=/u', 'workdir=/w', 'nodev'];
    expect(
      read(
        { destination: '/o', type: 'overlay', source: 'overlay', options },
        { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue' },
        { destination: '/disk', type: 'ext4', source: '/dev/sda1', options: ['ro', 'noload'] },
      ).filesystems,
    ).toEqual([
      {
        type: 'special',
        fstype: 'overlay',
        source: 'overlay',
        target: '/o',
        readonly: false,
        flags: ['nodev'],
        data: 'lowerdir=/a:/b,upperdir=/u,workdir=/w',
      },
      { type: 'special', fstype: 'mqueue', source: 'mqueue', target: '/dev/mqueue', readonly: false, flags: [] },
      {
        type: 'block',
        fstype: 'ext4',
        source: '/dev/sda1',
        target: '/disk',
        readonly: true,
        flags: [],
        data: 'noload',
      },
    ]);
  });

  test('an unknown option of a bind goes nowhere', () => {
    expect(warnings({ destination: '/a', source: '/b', options: ['bind', 'source=/,X'] })).toEqual([
      'mounts[0].options[1] has no effect on a bind',
    ]);
  });

  test.each([
    ["mounts[0] needs 'destination'", { source: 'sysfs' }],
    ["mounts[0] needs 'type', or the 'source' of a bind", { destination: '/a' }],
    ["mounts[0] needs 'source'", { destination: '/a', type: 'bind' }],
    ["mounts[0].destination must not contain '..'", { destination: '/a/../../etc', source: '/b' }],
    ["mounts[0].destination must not be '/': the root is not mounted over", { destination: '//', source: '/b' }],
    ['mounts[0].type must be a name of a file system', { destination: '/a', type: 'x y' }],
    ['mounts[0].options[0] is not supported', { destination: '/a', type: 'bind', source: '/b', options: ['remount'] }],
  ])('%s', (message, mount) => {
    expect(errors(mount)).toEqual([message]);
  });
});

describe('an id map of a mount', () => {
  const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  const linux = { namespaces: [{ type: 'mount' }, { type: 'user' }], uidMappings: map, gidMappings: map };
  const bind = { destination: '/a', source: '/b' };
  const mount = (more: Changes, part: Changes = linux) => configText({ mounts: [{ ...bind, ...more }], linux: part });

  test('is the container’s: ids on disk are ids inside', () => {
    for (const more of [
      { options: ['bind', 'idmap'] },
      { options: ['rbind', 'ridmap'] },
      { uidMappings: map, gidMappings: map },
    ])
      expect(specOf(mount(more)).filesystems[1]).toMatchObject({ accessMode: 'mapped' });
  });

  test('of another kind is not supported yet', () => {
    const other = [{ containerID: 0, hostID: 5, size: 65_536 }];
    expect(messagesOf(mount({ uidMappings: other, gidMappings: map }))).toEqual([
      "not supported yet: mount 0 has an id map that is not the container's",
    ]);
    expect(messagesOf(mount({ options: ['idmap'] }, {}))).toEqual(['mount 0 needs the id map of a user namespace']);
  });
});
