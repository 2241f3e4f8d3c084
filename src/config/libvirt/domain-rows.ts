import { completeMemory } from './complete-memory.js';
import { deviceRows, numberConsoles } from './device-rows.js';
import { extensionRow } from './extension-rows.js';
import { featuresRow } from './features-row.js';
import { idmapRow } from './idmap-row.js';
import { objectName } from './network-values.js';
import { osRow } from './os-row.js';
import { blkiotuneRow, cputuneRow, currentMemoryRow, memoryRow, memtuneRow, vcpuRow } from './resource-rows.js';
import { attribute, type ElementRow, element, ignored, ignoredAttributes, liveAttribute, refused } from './rows.js';
import { absolutePath, anyText, oneLine, oneOf, refusing, uuid } from './values.js';

const LIFECYCLE = ['destroy', 'restart', 'preserve', 'rename-restart'];

const HOST_CLOCK = 'a container has the clock of its host';

const clock = element('clock', "the container has the host's clock", {
  byDefault: '',
  attributes: [
    attribute(
      'offset',
      'utc; others are kept without effect',
      oneOf(['utc'], { localtime: HOST_CLOCK, timezone: HOST_CLOCK, variable: HOST_CLOCK, absolute: HOST_CLOCK }),
      { byDefault: 'utc' },
    ),
    ...ignoredAttributes('adjustment', 'basis', 'timezone', 'start'),
  ],
  children: ignored('timer'),
});

function remarks(words: readonly string[], remark: string): Readonly<Record<string, string>> {
  return Object.fromEntries(words.map((word) => [word, remark]));
}

const STOPS = "kept; as in libvirt's LXC driver, the container stops";

function lifecycle(
  name: string,
  about: string,
  byDefault: string,
  words: readonly string[],
  others: readonly string[],
): ElementRow {
  return element(name, about, { byDefault, text: oneOf(words, remarks(others, STOPS)) });
}

function foreignRoot(prefix: string, ...names: readonly string[]): ElementRow[] {
  const namespace = `http://libvirt.org/schemas/domain/${prefix}/1.0`;
  return names.map((name) =>
    element(name, 'of another driver', { standing: 'ignored', namespace, prefix, many: true }),
  );
}

const SECURITY_LABEL = 'labels of SELinux or AppArmor';

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
    element('title', 'a short text', { text: oneLine }),
    element('description', 'a text', { text: anyText }),
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
    refused('numatune', 'placement of memory on NUMA nodes'),
    element('resource', 'where in the cgroup tree', {
      dropEmpty: true,
      children: [element('partition', 'the group to live below', { text: absolutePath }), ...ignored('fibrechannel')],
    }),
    ...ignored('sysinfo', 'bootloader', 'bootloader_args'),
    osRow,
    idmapRow,
    featuresRow,
    ...ignored('cpu'),
    clock,
    lifecycle('on_poweroff', 'what follows when init ends', 'destroy', ['destroy'], LIFECYCLE.slice(1)),
    lifecycle('on_reboot', 'what follows reboot(2) inside', 'restart', ['destroy', 'restart'], LIFECYCLE.slice(2)),
    lifecycle(
      'on_crash',
      'what follows when init is killed',
      'destroy',
      ['destroy'],
      [...LIFECYCLE.slice(1), 'coredump-destroy', 'coredump-restart'],
    ),
    ...ignored('on_lockfailure', 'pm', 'perf'),
    element('devices', 'what the container sees of the world', {
      byDefault: '',
      children: deviceRows,
      finish: numberConsoles,
    }),
    element('seclabel', '`none`: ctr applies no label', {
      many: true,
      attributes: [
        attribute(
          'type',
          '`none`',
          refusing(oneOf(['none']), (text) =>
            /^(static|dynamic)$/.test(text) ? `'${text}' is not supported yet (${SECURITY_LABEL})` : undefined,
          ),
          { required: true },
        ),
        attribute('model', 'kept', anyText),
        attribute('relabel', 'kept', oneOf(['yes', 'no'])),
      ],
    }),
    ...ignored('keywrap', 'launchSecurity'),
    refused('namespace', 'namespaces of other containers', {
      namespace: 'http://libvirt.org/schemas/domain/lxc/1.0',
      prefix: 'lxc',
      many: true,
    }),
    ...foreignRoot('qemu', 'commandline', 'capabilities', 'override', 'deprecation'),
    ...foreignRoot('xen', 'commandline'),
    ...foreignRoot('bhyve', 'commandline'),
  ],
  finish: completeMemory,
});
