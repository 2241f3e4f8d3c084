import { formatCgroupFiles, formatDeviceRules } from './cgroup-print.js';
import { type KeyRow, kept, key, lines, type ValueType } from './rows.js';
import { anyText, normalizePath, right, zeroOrOne } from './values.js';

/** Rows about cgroups. */

const relativePath: ValueType<string> = {
  label: "a relative path without '..'",
  parse: (text) => (text.startsWith('/') || normalizePath(text) === undefined ? { ok: false } : right(text)),
};

export const cgroup1: KeyRow<string> = key(
  'lxc.cgroup',
  'written to that file of a cgroup v1 group; known files set the limits below',
  anyText,
  { family: 'FILE', list: true, print: (spec) => formatCgroupFiles(spec, 1) },
);

export const cgroup2: KeyRow<string> = key(
  'lxc.cgroup2',
  'written to that file of a cgroup v2 group; known files set the limits below',
  anyText,
  { family: 'FILE', list: true, print: (spec) => [...formatDeviceRules(spec.devices), ...formatCgroupFiles(spec, 2)] },
);

export const cgroupDir = key('lxc.cgroup.dir', 'the group to live below', relativePath, {
  print: ({ partition }) => lines(partition?.replace(/^\/+/, '')),
});

const OWN_TREE = 'ctr has a tree of groups of its own';

export const cgroupDirContainer = kept('lxc.cgroup.dir.container', "the container's group", relativePath, OWN_TREE);

export const CGROUP_ROWS: readonly KeyRow[] = [
  cgroup2,
  cgroupDir,
  cgroupDirContainer,
  kept('lxc.cgroup.dir.container.inner', 'the group that the container sees as its root', relativePath, OWN_TREE),
  kept('lxc.cgroup.dir.monitor', "the monitor's group", relativePath, OWN_TREE),
  kept('lxc.cgroup.dir.monitor.pivot', 'where the monitor goes at the end', relativePath, OWN_TREE),
  kept('lxc.cgroup.relative', 'groups are made below the one of the caller', zeroOrOne, OWN_TREE, { quiet: ['0'] }),
];
