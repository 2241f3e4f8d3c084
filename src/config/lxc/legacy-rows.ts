import { cgroup1 } from './cgroup-rows.js';
import { type KeyRow, kept } from './rows.js';
import { anyText } from './values.js';

/** Keys of older versions without a successor of the same meaning. LXC 7 no longer knows them. */
export const LEGACY_ROWS: readonly KeyRow[] = [
  cgroup1,
  kept('lxc.rootfs.backend', 'what holds the root', anyText, 'its type stands in lxc.rootfs.path', { quiet: ['dir'] }),
  kept('lxc.pivotdir', 'where the old root was put', anyText, 'nothing of the old root stays'),
  kept('lxc.kmsg', 'a link from /dev/kmsg to /dev/console', anyText, 'there is no such link', { quiet: ['0'] }),
];
