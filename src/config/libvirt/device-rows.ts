import { completeDisks } from './complete-disks.js';
import { consoleRow, numberConsoles } from './console-row.js';
import { diskRow } from './disk-rows.js';
import { filesystemRow } from './filesystem-rows.js';
import { hostdevRow } from './hostdev-rows.js';
import { interfaceRow } from './interface-rows.js';
import { type ElementRow, element, ignored } from './rows.js';
import { absolutePath } from './values.js';

/** What may stand in `<devices>`, in libvirt's order. */
const deviceRows: readonly ElementRow[] = [
  element('emulator', 'kept for libvirt; ctr has its own helper', {
    byDefault: '/usr/libexec/libvirt_lxc',
    text: absolutePath,
  }),
  diskRow,
  ...ignored('controller', 'lease'),
  filesystemRow,
  interfaceRow,
  ...ignored('smartcard', 'serial', 'parallel'),
  consoleRow,
  ...ignored('channel', 'input', 'tpm', 'graphics', 'sound', 'audio', 'video'),
  hostdevRow,
  ...ignored('redirdev', 'redirfilter', 'hub', 'watchdog', 'memballoon', 'rng', 'nvram', 'panic', 'shmem'),
  ...ignored('memory', 'crypto', 'iommu', 'vsock', 'pstore'),
];

/** `<devices>`. */
export const devicesRow = element('devices', 'what the container sees of the world', {
  byDefault: '',
  children: deviceRows,
  finish: (read, written) => completeDisks(numberConsoles(read, written)),
});
