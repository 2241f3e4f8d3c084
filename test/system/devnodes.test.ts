import { describe, domainXml, expect, test } from '../rig/index.js';

/** What libvirt's documentation lists, the directory that ptys need, and the one that shm_open(3) needs. */
const DOCUMENTED = [
  'console',
  'fd',
  'full',
  'null',
  'ptmx',
  'pts',
  'random',
  'shm',
  'stderr',
  'stdin',
  'stdout',
  'tty',
  'tty1',
  'urandom',
  'zero',
];

describe('/dev', () => {
  test('holds what libvirt documents, shared memory, and nothing of the host', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    await rig.ctrOk('start', 'vm');
    const names = (await rig.ctrOk('enter', 'vm', '--', 'ls', '/dev')).trim().split(/\s+/).sort();
    expect(names).toEqual(DOCUMENTED);
  });

  test('has one ttyN for each console', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), consoles: 3 }));
    await rig.ctrOk('start', 'vm');
    const ttys = await rig.ctrOk('enter', 'vm', '--', 'sh', '-c', 'ls -d /dev/tty[0-9]*');
    expect(ttys.trim().split(/\s+/)).toEqual(['/dev/tty1', '/dev/tty2', '/dev/tty3']);
  });

  test.for([
    ['in the ids of the host', false],
    ['in a user namespace', true],
  ] as const)('its nodes have the documented numbers and modes [%s]', async ([, userns], { rig }) => {
    if (userns) await rig.bootstrap('vm');
    else await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    await rig.ctrOk('start', 'vm');
    const nodes = ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map((name) => `/dev/${name}`);
    const listing = await rig.ctrOk('enter', 'vm', '--', 'stat', '-c', '%n %F %a %t:%T', ...nodes);
    expect(listing.trimEnd().split('\n')).toEqual([
      '/dev/null character special file 666 1:3',
      '/dev/zero character special file 666 1:5',
      '/dev/full character special file 666 1:7',
      '/dev/random character special file 666 1:8',
      '/dev/urandom character special file 666 1:9',
      '/dev/tty character special file 666 5:0',
    ]);
  });

  test('its nodes work', async ({ rig }) => {
    await rig.bootstrap('vm');
    await rig.ctrOk('start', 'vm');
    const script =
      'echo x > /dev/null && head -c 4 /dev/zero | wc -c && head -c 4 /dev/urandom | wc -c && ! echo x > /dev/full';
    const { status, stdout } = await rig.ctr(['enter', 'vm', '--', 'sh', '-c', script]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '4\n4\n' });
  });

  test('its links point into /proc/self/fd', async ({ rig }) => {
    await rig.bootstrap('vm');
    await rig.ctrOk('start', 'vm');
    const links = ['fd', 'stdin', 'stdout', 'stderr'].map((name) => `/dev/${name}`);
    const targets = await rig.ctrOk(
      'enter',
      'vm',
      '--',
      'sh',
      '-c',
      `for l in ${links.join(' ')}; do readlink $l; done`,
    );
    expect(targets.trim().split('\n')).toEqual([
      '/proc/self/fd',
      '/proc/self/fd/0',
      '/proc/self/fd/1',
      '/proc/self/fd/2',
    ]);
  });

  test('a device node cannot be made, with or without a user namespace', async ({ rig }) => {
    await rig.bootstrap('shifted');
    await rig.define(domainXml({ name: 'plain', rootfs: rig.makeRoot() }));
    await rig.ctrOk('start', 'shifted', 'plain');
    for (const name of ['shifted', 'plain']) {
      const { status } = await rig.ctr(['enter', name, '--', 'mknod', '/tmp/sda', 'b', '8', '0']);
      expect({ name, status }).not.toMatchObject({ status: 0 });
    }
  });

  test('has a devpts of its own', async ({ rig }) => {
    await rig.bootstrap('vm');
    await rig.ctrOk('start', 'vm');
    const names = (await rig.ctrOk('enter', 'vm', '--', 'ls', '/dev/pts')).trim().split(/\s+/);
    expect(names.sort()).toEqual(['0', 'ptmx']);
  });
});
