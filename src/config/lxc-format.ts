import type { FormatRow } from './formats.js';
import { formatLxc } from './lxc/format-lxc.js';
import { readLxcLikeLibvirt } from './lxc/read-like-libvirt.js';
import { readLxc } from './lxc/read-lxc.js';

/** LXC's configurations. */
export const LXC: FormatRow = {
  read: readLxc,
  print: ({ spec }) => formatLxc(spec),
  readLikeLibvirt: readLxcLikeLibvirt,
};
