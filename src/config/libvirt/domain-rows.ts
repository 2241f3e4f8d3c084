import { capabilitiesRow } from './capabilities.js';
import { completeMemory } from './complete-memory.js';
import { deviceRows, numberConsoles } from './device-rows.js';
import { childrenOf, type DomainElement } from './domain-element.js';
import { CTR_NAMESPACE, extensionRow } from './extension-rows.js';
import { objectName } from './network-values.js';
import { attribute, type ElementRow, element, ignored, ignoredAttributes, liveAttribute, refused } from './rows.js';
import { amount, finishSize, unitAttribute } from './size.js';
import {
  absolutePath,
  account,
  anyText,
  cpuList,
  integer,
  matching,
  nonEmptyText,
  oneLine,
  oneOf,
  refusing,
  uuid,
} from './values.js';

export { CTR_NAMESPACE };

/** Below this not even a shell starts: the kernel charges its stacks, page tables and the page cache of the program. */
const MIN_MEMORY_KIB = 1024;

const LIFECYCLE = ['destroy', 'restart', 'preserve', 'rename-restart'];

function size(
  name: string,
  about: string,
  rule: Parameters<typeof finishSize>[0],
  options: Partial<ElementRow> = {},
): ElementRow {
  const attributes = [unitAttribute('unit'), ...(name === 'memory' ? ignoredAttributes('dumpCore') : [])];
  return element(name, about, { text: amount, attributes, finish: finishSize(rule), ...options });
}

const ARCHITECTURES =
  'aarch64 alpha armv6l armv7b armv7l i686 loongarch64 mips mips64 mips64el mipsel parisc parisc64 ppc ppc64 ppc64le riscv32 riscv64 s390 s390x sparc sparc64 x86_64'.split(
    ' ',
  );

const os = element('os', 'what runs', {
  required: true,
  children: [
    element('type', '`exe`, the only one of a container', {
      required: true,
      text: oneOf(['exe']),
      attributes: [
        attribute('arch', "the host's architecture or its 32-bit sibling", oneOf(ARCHITECTURES)),
        ...ignoredAttributes('machine'),
      ],
    }),
    ...ignored('firmware'),
    element('init', 'the program that becomes PID 1: an absolute path inside', { required: true, text: absolutePath }),
    element('initarg', 'one argument of init, in order', { many: true, text: nonEmptyText }),
    element('initenv', 'a variable in the environment of init; replaces an earlier or built-in one of its name', {
      many: true,
      text: nonEmptyText,
      attributes: [
        attribute(
          'name',
          'name of the variable',
          matching('a name of letters, digits and _', /^[A-Za-z_][A-Za-z0-9_]*$/),
          {
            required: true,
          },
        ),
      ],
    }),
    element('initdir', 'working directory of init', { text: absolutePath }),
    element('inituser', 'user of init, looked up inside', { text: account }),
    element('initgroup', 'group of init, looked up inside', { text: account }),
    ...ignored('loader', 'nvram', 'kernel', 'initrd', 'root'),
    element('cmdline', 'becomes the variable LIBVIRT_LXC_CMDLINE of init', { text: anyText }),
    ...ignored('dtb', 'shim', 'acpi', 'boot', 'bootmenu', 'bios', 'smbios'),
  ],
});

const ID = integer(0, 4294967294);

function idRange(name: 'uid' | 'gid'): ElementRow {
  const required = { required: true };
  return element(name, `one line of ${name}_map; at most 340, none overlapping, one from 0`, {
    many: true,
    attributes: [
      attribute('start', 'first id inside', ID, required),
      attribute('target', 'first id on the host', ID, required),
      attribute('count', 'how many', integer(1, 4294967295), required),
    ],
  });
}

/** libvirt sorts each kind by its first id inside. */
function sortRanges(read: DomainElement): DomainElement {
  const start = (range: DomainElement) => Number(range.attributes.get('start'));
  const sorted = ['uid', 'gid'].flatMap((kind) => childrenOf(read, kind).toSorted((a, b) => start(a) - start(b)));
  return { ...read, children: sorted };
}

const features = element('features', 'switches', {
  dropEmpty: true,
  children: [
    ...ignored('acpi', 'apic', 'pae', 'hap', 'viridian'),
    element('privnet', 'a network namespace of its own even without interfaces'),
    ...ignored('hyperv', 'kvm', 'pvspinlock'),
    capabilitiesRow,
    ...ignored('pmu', 'vmport', 'gic', 'smm', 'ioapic', 'hpt', 'vmcoreinfo', 'htm', 'nested-hv', 'msrs', 'ccf-assist'),
    ...ignored('xen', 'cfpc', 'sbbc', 'ibs', 'tcg', 'async-teardown', 'ras', 'ps2', 'aia'),
  ],
});

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

const cputune = element('cputune', 'share of the CPUs', {
  dropEmpty: true,
  children: [
    element('shares', 'weight against other groups; 1 to 10000 on cgroup v2', { text: integer(1, 262144) }),
    element('period', 'length of one period, in microseconds', { text: integer(1000, 1000000) }),
    element('quota', 'CPU time in one period, in microseconds; negative for no limit', {
      text: refusing(integer(-17592186044415, 17592186044415), (text) =>
        /^\s*\+?\d{1,3}\s*$/.test(text) ? 'must be at least 1000 microseconds, or negative for no limit' : undefined,
      ),
    }),
    ...ignored(
      'global_period',
      'global_quota',
      'emulator_period',
      'emulator_quota',
      'iothread_period',
      'iothread_quota',
    ),
    ...ignored(
      'vcpupin',
      'emulatorpin',
      'iothreadpin',
      'vcpusched',
      'iothreadsched',
      'emulatorsched',
      'cachetune',
      'memorytune',
    ),
  ],
});

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
    size(
      'memory',
      'the memory limit, unless `hard_limit` overrides it; at least 1 MiB',
      { minKib: MIN_MEMORY_KIB },
      { required: true },
    ),
    size('currentMemory', 'kept; at most `memory`, and the same when missing', { minKib: 0 }),
    element('blkiotune', 'share of the block devices', {
      dropEmpty: true,
      children: [
        element('weight', 'weight against other groups', { text: integer(10, 1000) }),
        refused('device', 'rules for single block devices'),
      ],
    }),
    element('memtune', 'memory limits', {
      dropEmpty: true,
      children: [
        size('hard_limit', 'the memory limit', { minKib: MIN_MEMORY_KIB, mayBeUnlimited: true }),
        size('soft_limit', 'what the kernel reclaims down to under pressure', { minKib: 0, mayBeUnlimited: true }),
        ...ignored('min_guarantee'),
        size('swap_hard_limit', 'memory and swap together', { minKib: MIN_MEMORY_KIB, mayBeUnlimited: true }),
      ],
    }),
    ...ignored('memoryBacking'),
    element('vcpu', 'reported, not enforced', {
      byDefault: '1',
      text: integer(1, 16384),
      attributes: [
        attribute(
          'placement',
          '`static`',
          refusing(oneOf(['static']), (text) =>
            text === 'auto' ? "'auto' is not supported yet (placement by numad)" : undefined,
          ),
          { byDefault: 'static' },
        ),
        attribute('cpuset', 'the CPUs that the container may run on', cpuList),
        ...ignoredAttributes('current'),
      ],
    }),
    ...ignored('vcpus', 'iothreads', 'iothreadids', 'defaultiothread'),
    cputune,
    refused('numatune', 'placement of memory on NUMA nodes'),
    element('resource', 'where in the cgroup tree', {
      dropEmpty: true,
      children: [element('partition', 'the group to live below', { text: absolutePath }), ...ignored('fibrechannel')],
    }),
    ...ignored('sysinfo', 'bootloader', 'bootloader_args'),
    os,
    element('idmap', 'own user namespace; what is on disk stays as it is', {
      dropEmpty: true,
      children: [idRange('uid'), idRange('gid')],
      finish: sortRanges,
    }),
    features,
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
