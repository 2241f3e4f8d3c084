import { clockRow } from './clock-row.js';
import { completeMemory } from './complete-memory.js';
import { devicesRow } from './device-rows.js';
import type { DomainElement } from './domain-element.js';
import { extensionRow } from './extension-rows.js';
import { featuresRow } from './features-row.js';
import { idmapRow } from './idmap-row.js';
import { objectName } from './network-values.js';
import { completeNumatune, numatuneRow } from './numatune-row.js';
import { osRow } from './os-row.js';
import { blkiotuneRow, cputuneRow, currentMemoryRow, memoryRow, memtuneRow, vcpuRow } from './resource-rows.js';
import { attribute, type ElementRow, element, ignored, liveAttribute } from './rows.js';
import { seclabelRow } from './seclabel-row.js';
import { declareLxcPrefix, sharingRow } from './sharing-row.js';
import { absolutePath, anyText, oneLine, oneOf, uuid } from './values.js';

const LIFECYCLE = ['destroy', 'restart', 'preserve', 'rename-restart'];

/** What each value becomes where it is not what it says. */
const LIFECYCLE_REMARKS = {
  'rename-restart': 'it restarts, under its own name',
  'coredump-destroy': 'it ends, and no core is dumped',
  'coredump-restart': 'it restarts, and no core is dumped',
};

function lifecycle(name: string, about: string, byDefault: string, words: readonly string[]): ElementRow {
  const remarks = Object.fromEntries(Object.entries(LIFECYCLE_REMARKS).filter(([word]) => words.includes(word)));
  const plain = words.filter((word) => !Object.hasOwn(remarks, word));
  return element(name, about, { byDefault, text: oneOf(plain, remarks) });
}

function foreignRoot(prefix: string, ...names: readonly string[]): ElementRow[] {
  const namespace = `http://libvirt.org/schemas/domain/${prefix}/1.0`;
  return names.map((name) =>
    element(name, 'of another driver', { standing: 'ignored', namespace, prefix, many: true }),
  );
}

function dropEmptyText(read: DomainElement): DomainElement | undefined {
  return read.text === undefined || read.text === '' ? undefined : read;
}

/** The whole language: `<domain>` and everything below it, in libvirt's order. */
export const domainRow: ElementRow = element('domain', 'one container', {
  attributes: [
    attribute('type', '`lxc`', oneOf(['lxc']), { required: true }),
    liveAttribute('id', 'the number of a running domain'),
  ],
  children: [
    element('name', 'name of the container', { required: true, text: objectName }),
    element('uuid', 'given by `define` when missing', { text: uuid }),
    ...ignored('genid', 'hwuuid'),
    element('title', 'a short text', { text: oneLine, finish: dropEmptyText }),
    element('description', 'a text', { text: anyText, finish: dropEmptyText }),
    element('metadata', "others' elements, kept byte for byte; ctr's own extension", {
      foreign: true,
      children: [extensionRow],
    }),
    ...ignored('maxMemory'),
    memoryRow,
    currentMemoryRow,
    blkiotuneRow,
    memtuneRow,
    ...ignored('memoryBacking'),
    vcpuRow,
    ...ignored('vcpus', 'iothreads', 'iothreadids', 'defaultiothread'),
    cputuneRow,
    numatuneRow,
    element('resource', 'where in the cgroup tree', {
      dropEmpty: true,
      children: [element('partition', 'the group to live below', { text: absolutePath }), ...ignored('fibrechannel')],
    }),
    ...ignored('sysinfo', 'bootloader', 'bootloader_args'),
    osRow,
    idmapRow,
    featuresRow,
    ...ignored('cpu'),
    clockRow,
    lifecycle('on_poweroff', 'what follows when init ends; `preserve`: it stays stopped', 'destroy', LIFECYCLE),
    lifecycle('on_reboot', 'what follows reboot(2) inside', 'restart', LIFECYCLE),
    lifecycle('on_crash', 'what follows when init is killed', 'destroy', [
      ...LIFECYCLE,
      'coredump-destroy',
      'coredump-restart',
    ]),
    ...ignored('on_lockfailure', 'pm', 'perf'),
    devicesRow,
    seclabelRow,
    ...ignored('keywrap', 'launchSecurity'),
    sharingRow,
    ...foreignRoot('qemu', 'commandline', 'capabilities', 'override', 'deprecation'),
    ...foreignRoot('xen', 'commandline'),
    ...foreignRoot('bhyve', 'commandline'),
    ...foreignRoot('vmware', 'datacenterpath'),
  ],
  finish: (read, written) => declareLxcPrefix(completeNumatune(completeMemory(read, written))),
});
