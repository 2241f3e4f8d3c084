import { expect, test } from 'vitest';
import { formatLxc } from '../../../../src/config/lxc/format-lxc.js';
import { readLxcLikeLibvirt } from '../../../../src/config/lxc/read-like-libvirt.js';
import { readLxc } from '../../../../src/config/lxc/read-lxc.js';
import { LINEAR, measureGrowth } from '../growth.js';

const HEAD = 'lxc.uts.name = web\nlxc.rootfs.path = /srv/web\n';

function run(text: string): void {
  const { definition } = readLxc(HEAD + text, { file: 'hostile' });
  if (definition !== undefined) formatLxc(definition.spec);
  readLxcLikeLibvirt(HEAD + text, { file: 'hostile' });
}

const numbered = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => `${make(index)}\n`).join('');

test.each<readonly [string, (size: number) => string]>([
  ['unknown keys', (size) => 'lxc.archx = 1\n'.repeat(size / 14)],
  ['a key of dots', (size) => `lxc.${'.'.repeat(size)}=1\n`],
  ['blanks in a line', (size) => `lxc.arch = x${' '.repeat(size)}x\n`],
  ['words of a command', (size) => `lxc.init.cmd = /a ${'"a" '.repeat(size / 4)}\n`],
  ['networks', (size) => numbered(size / 24, (index) => `lxc.net.${index}.type = veth`)],
  ['networks of LXC 2', (size) => 'lxc.network.type = veth\n'.repeat(size / 24)],
  ['id ranges, all overlapping', (size) => 'lxc.idmap = u 0 0 1\n'.repeat(size / 20)],
  [
    'files set and taken back',
    (size) => numbered(size / 50, (index) => `lxc.cgroup2.a${index} = 1\nlxc.cgroup2.b${index} =`),
  ],
  [
    'families taken back',
    (size) => numbered(size / 40, (index) => `lxc.cgroup2.a${index} = 1`) + 'lxc.prlimit =\n'.repeat(size / 28),
  ],
  [
    'rules for devices',
    (size) =>
      numbered(size / 40, (index) => `lxc.cgroup${index % 2 === 0 ? '' : '2'}.devices.allow = c 1:${index} rwm`),
  ],
  ['options of a mount', (size) => `lxc.mount.entry = /a b none ${'ro,'.repeat(size / 3)} 0 0\n`],
  ['kept lines', (size) => 'lxc.apparmor.raw = x\n'.repeat(size / 21)],
])('%s: time grows with the length of the text, not with its square', { timeout: 60_000 }, (_, make) => {
  expect(measureGrowth(run, make)).toBeLessThan(LINEAR);
});
