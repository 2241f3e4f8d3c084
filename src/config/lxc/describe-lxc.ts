import { CGROUP_FILES } from './cgroup-files.js';
import { LEGACY_ROWS } from './legacy-rows.js';
import { NET_ROWS } from './net-rows.js';
import type { KeyRow, NetRow } from './rows.js';
import { TABLE } from './table.js';

type AnyRow = KeyRow | NetRow;

const HEAD = `# LXC's configuration

<!-- Generated from the tables in src/config/lxc/ by \`npm run generate\`. Do not edit. -->

\`ctr\` reads LXC's \`key = value\` files (lxc.container.conf(5)) with the keys of LXC 3 and later and with those of LXC 2, and
prints them with the new ones. Every key that it knows is on this page; any other that begins with \`lxc.\` is an error, with its
line, its column and the nearest known key. All faults of a file are reported together.

- A line is \`key = value\`; blanks around both go, and so does one pair of quotes around the whole value.
- A line whose first character is \`#\` is a comment; nowhere else does one begin.
- A line that does not begin with \`lxc.\` is skipped, with a warning. One without \`=\` is an error.
- Keys marked with "…" may stand often, and add up. Of others the last line counts. An empty value takes back what stands
  before it: the whole list, or all keys of a family.
- A file has at most 1 MiB. Files include each other at most 16 deep, and at most 256 of them.
- \`lxc.uts.name\` names the container and \`lxc.rootfs.path\` its root, unless the command line does.

## What ctr acts on
`;

const MEANING = `## Where ctr's own way holds

Every container has ctr's rules for system calls, masks on sensitive files of /proc and /sys, and its list of devices, from
whatever format it comes, unless its file says otherwise by name:

- Without \`lxc.seccomp.profile\`, or with an empty one, ctr's own rules hold. \`none\` goes without any.
- Without \`lxc.mount.auto\`, ctr mounts \`proc:mixed sys:ro cgroup:ro\` where LXC mounts nothing: an init that mounts /proc by
  itself would have it without masks. A line of \`lxc.mount.entry\` for proc on /proc or sysfs on /sys means \`proc:mixed\` and
  \`sys:mixed\`, with the option \`rw\` \`proc:rw\` and \`sys:rw\`; \`lxc.mount.auto\` counts more.
- Without \`a\` in \`devices.allow\` or \`devices.deny\`, its lines add to ctr's list of devices or take away from it.
- Capabilities stay as LXC has them: all, less \`lxc.cap.drop\`.

## The root

\`lxc.rootfs.path\` is a directory, a device below /dev, or a type with a path. The first colon ends the type.

| | |
| --- | --- |
| \`dir:PATH\`, \`btrfs:PATH\` | a directory |
| \`overlay:LOWER[:LOWER…]:UPPER\` | overlayfs; what is written goes to UPPER |
| \`loop:FILE\` | a file with a file system in it |
| \`nbd:FILE\` | likewise, through qemu-nbd; a start refuses a partition of it |
| \`lvm:/dev/…\`, \`rbd:/dev/…\` | a device; a start refuses other names |
| \`zfs:…\` | a start refuses it |

## Mounts

\`lxc.mount.auto\` has words between blanks: \`proc[:mixed|:rw]\`, \`sys[:mixed|:ro|:rw]\`, \`cgroup[:mixed|:ro|:rw][:force]\`, the same
with \`cgroup-full\`, \`cgroup2[:ro][:force]\`. Later ones of a kind count. All words for cgroups show the container its own ones
alone. \`shmounts:…\` has no effect.

\`lxc.mount.entry\` is \`SOURCE TARGET TYPE [OPTIONS [N N]]\`, with \`\\040\` for a blank. The target is inside; one that begins with the
path of the root means what is below it. Options are those of mount(8) and

| | |
| --- | --- |
| \`bind\`, \`rbind\` | a path of the host; \`rbind\`: with what is mounted below it |
| \`relative\` | the source is a path inside |
| \`optional\` | a start goes on without it |
| \`create=dir\`, \`create=file\` | what is made when the target is missing |
| \`idmap=container\` | what is on disk are ids inside |

## Rules for system calls

The file of \`lxc.seccomp.profile\` begins with its version. Version 2 has \`allowlist\` or \`denylist\` in its second line, an action for
all other calls behind it or not, then lines \`CALL [ACTION] [CONDITION…]\`. An action is \`allow\`, \`kill\`, \`trap\`, \`log\`, \`errno N\` or
\`notify\`, which a start refuses. A condition is \`[INDEX,VALUE,OPERATOR]\` with \`SCMP_CMP_NE\`, \`LT\`, \`LE\`, \`EQ\`, \`GE\`, \`GT\` (or \`!=\`, \`<\`, \`<=\`,
\`==\`, \`>=\`, \`>\`), or \`[INDEX,VALUE,SCMP_CMP_MASKED_EQ,MASK]\`. \`reject_force_umount\` refuses umount2(2) with MNT_FORCE. Sections like
\`[x86_64]\` hold for one architecture: rules of a denylist hold for all here, and a start refuses an allowlist whose sections
differ. A start refuses version 1, which has numbers.

## As libvirt converts

\`ctr convert --like-libvirt\` reads such a file as \`virsh domxml-from-native lxc-tools\` does, which differs: the ids of the host come
first in \`lxc.idmap\`, \`lxc.mount.fstab\` is refused, a key with a dash makes the whole file wrong, only the first line of a key
counts, the memory is 64 MiB, and what libvirt has no word for is left out, with a warning.
`;

/** The reference page of this format, in Markdown, made from the same tables that the reader goes by. */
export function describeLxc(): string {
  const current = TABLE.filter((row) => !LEGACY_ROWS.includes(row));
  const used = current.filter(({ standing }) => standing === 'used');
  return `${[
    HEAD,
    describeKeys(used, ''),
    '\n## Networks\n',
    'Keys below `lxc.net.N.`, N a number from 0. The type comes first: it begins the network anew. In LXC 2 they stand below',
    '`lxc.network.`, and each type begins the next one. Without any network, and with `empty`, there is the loopback device alone.\n',
    describeKeys(
      NET_ROWS.filter(({ standing }) => standing === 'used'),
      'lxc.net.N.',
    ),
    '\n## Limits\n',
    'Files of `lxc.cgroup2.FILE`, and of `lxc.cgroup.FILE` for version 1 of cgroups (LXC 7 no longer knows those keys). A limit',
    'holds whichever version the host has. Any other file is written as it is.\n',
    describeCgroupFiles(),
    '\n## Without effect\n',
    'LXC accepts these. They are kept and printed back, with a warning unless the value changes nothing.\n',
    describeOthers('kept', 'why'),
    '\n## Refused by a start\n',
    'These are kept and printed back as well, but a start refuses a container that asks for them.\n',
    describeOthers('refused', 'asks for'),
    `\n${MEANING}`,
  ].join('\n')}`;
}

const cells = (...texts: readonly string[]) => `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;

function describeKeys(rows: readonly AnyRow[], prefix: string): string {
  return [
    cells('', 'value', 'default', ''),
    '| --- | --- | --- | --- |',
    ...rows.map((row) => cells(nameOf(row, prefix), row.type.label, codeOf(row.byDefault), aboutOf(row, prefix))),
  ].join('\n');
}

function nameOf({ key, family, list }: AnyRow, prefix: string): string {
  return `\`${prefix}${key}${family === undefined ? '' : `.${family}`}\`${list && family === undefined ? ' …' : ''}`;
}

/** Values are code, remarks are not. */
function codeOf(byDefault: string): string {
  return byDefault === '' || byDefault.includes(' ') ? byDefault : `\`${byDefault}\``;
}

function aboutOf(row: AnyRow, prefix: string): string {
  const only = 'only' in row && row.only !== undefined ? [`${row.only.join(', ')} only`] : [];
  const needs = row.needs === '' ? [] : [`needs ${row.needs}`];
  const legacyPrefix = prefix === '' ? '' : 'lxc.network.';
  const legacy = row.legacy.map((name) => `in LXC 2 \`${legacyPrefix}${name}${row.family === undefined ? '' : '.…'}\``);
  return [row.about, ...only, ...needs, ...legacy].join('; ');
}

function describeCgroupFiles(): string {
  const names = (files: readonly string[]) => files.map((file) => `\`${file}\``).join(', ');
  return [
    cells('version 2', 'version 1', 'value', ''),
    '| --- | --- | --- | --- |',
    ...CGROUP_FILES.map((row) => cells(names(row.v2), names(row.v1), row.label, row.about)),
    cells(
      '`devices.allow`, `devices.deny`',
      'the same',
      "'a', or like 'c 1:3 rwm'",
      'devices(4); `a`: all, and what stands before it no longer counts',
    ),
  ].join('\n');
}

function describeOthers(standing: AnyRow['standing'], title: string): string {
  const lines = [
    ...TABLE.map((row) => ({ row, prefix: '' })),
    ...NET_ROWS.map((row) => ({ row, prefix: 'lxc.net.N.' })),
  ].filter(({ row }) => row.standing === standing);
  return [
    cells('', 'value', '', title),
    '| --- | --- | --- | --- |',
    ...lines.map(({ row, prefix }) => cells(nameOf(row, prefix), row.type.label, aboutOf(row, prefix), row.remark)),
  ].join('\n');
}
