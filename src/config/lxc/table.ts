import { CGROUP_ROWS } from './cgroup-rows.js';
import { CORE_ROWS } from './core-rows.js';
import { LEGACY_ROWS } from './legacy-rows.js';
import { MOUNT_ROWS } from './mount-rows.js';
import { PROCESS_ROWS } from './process-rows.js';
import { type KeyRow, key } from './rows.js';
import { SECURITY_ROWS } from './security-rows.js';
import { anyText } from './values.js';

/** Keys that are no settings of their own. */
export const include = key('lxc.include', 'a file, or each *.conf of a directory, read in place', anyText);
export const net = key('lxc.net', 'a network: see below; without a value: takes all networks back', anyText, {
  family: 'N.KEY',
  legacy: ['lxc.network'],
});

/** The language, in the order of a print. */
export const TABLE: readonly KeyRow[] = [
  include,
  ...CORE_ROWS,
  ...MOUNT_ROWS,
  net,
  ...SECURITY_ROWS,
  ...CGROUP_ROWS,
  ...PROCESS_ROWS,
  ...LEGACY_ROWS,
];
