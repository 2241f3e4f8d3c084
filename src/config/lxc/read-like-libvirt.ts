import { createReport, type Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { ReadOptions, ReadResult } from '../format.js';
import { type DomainElement, descendant, makeElement } from '../libvirt/domain-element.js';
import { CAPABILITY_NAMES } from '../libvirt/features-row.js';
import { readSpec } from '../libvirt/read-spec.js';
import { isContainerName, NAME_RULE } from '../name.js';
import { type LibvirtConf, readLibvirtConf } from './libvirt-conf.js';
import { convertFilesystems } from './libvirt-filesystems.js';
import { type ConvertedNetwork, convertNetwork } from './libvirt-network.js';
import { readInteger } from './libvirt-numbers.js';
import { convertBlkio, convertCpu, convertList, convertMemory, unlessEmpty } from './libvirt-resources.js';

export interface LikeLibvirtOptions extends ReadOptions {
  readonly uuid?: string;
  /** Default `/usr/libexec/libvirt_lxc`. */
  readonly emulator?: string;
}

const EMULATOR = '/usr/libexec/libvirt_lxc';

/**
 * Reads a container's configuration in LXC's format as `virsh domxml-from-native lxc-tools` does, with libvirt's own ideas of
 * it: ids on the host come first in `lxc.idmap`, a file of mounts is refused, and what libvirt knows no word for is left out.
 * The definition has the domain that libvirt prints.
 */
export function readLxcLikeLibvirt(text: string, options: LikeLibvirtOptions): ReadResult {
  const report = createReport(options.file, text);
  const conf = readLibvirtConf(text, report);
  const document = conf === undefined ? undefined : convert(conf, options, report);
  const diagnostics = report.diagnostics();
  if (document === undefined || report.hasErrors()) return { diagnostics };
  return { definition: { spec: readSpec(withoutEmptyMacs(document)), document }, diagnostics };
}

function convert(conf: LibvirtConf, options: LikeLibvirtOptions, report: Report): DomainElement {
  warnOfIgnored(conf, report);
  const { totalKib, memtune } = convertMemory(conf, report);
  const memory = (name: string) => makeElement(name, { unit: 'KiB' }, String(totalKib));
  const nodeset = convertList(conf, 'mems', report);
  const network = convertNetwork(conf, report);
  return makeElement('domain', { type: 'lxc' }, [
    makeElement('name', {}, findName(conf, options, report)),
    options.uuid === undefined ? undefined : makeElement('uuid', {}, options.uuid),
    memory('memory'),
    memory('currentMemory'),
    convertBlkio(conf, report),
    memtune,
    makeElement('vcpu', { placement: 'static', cpuset: convertList(conf, 'cpus', report) }, '1'),
    convertCpu(conf, report),
    nodeset === undefined
      ? undefined
      : makeElement('numatune', {}, [makeElement('memory', { mode: 'strict', nodeset })]),
    makeElement('os', {}, [
      makeElement('type', { arch: findArch(conf, report) }, 'exe'),
      makeElement('init', {}, '/sbin/init'),
    ]),
    convertIdmap(conf, report),
    convertFeatures(conf, network),
    makeElement('clock', { offset: 'utc' }),
    makeElement('on_poweroff', {}, 'destroy'),
    makeElement('on_reboot', {}, 'restart'),
    makeElement('on_crash', {}, 'destroy'),
    makeElement('devices', {}, [
      makeElement('emulator', {}, options.emulator ?? EMULATOR),
      ...convertFilesystems(conf, options.rootfs, report),
      ...network.interfaces,
      ...convertConsoles(conf, report),
      ...network.hostdevs,
    ]),
  ]);
}

function findName(conf: LibvirtConf, { name }: LikeLibvirtOptions, report: Report): string {
  const line = conf.first('lxc.uts.name', 'lxc.utsname');
  const found = name ?? line?.value;
  if (found === undefined) report.error(0, 'the file gives no name: lxc.uts.name is missing');
  else if (!isContainerName(found)) {
    report.error(
      name === undefined ? (line?.valueOffset ?? 0) : 0,
      `${quote(found)} cannot name a container: ${NAME_RULE}`,
    );
  }
  return found ?? '';
}

/** What libvirt calls the same as uname(2) does. */
const ARCHES: ReadonlySet<string> = new Set(
  'alpha armv6l armv7l armv7b aarch64 cris i686 ia64 lm32 loongarch64 m68k microblaze microblazeel mips mipsel mips64 mips64el openrisc parisc parisc64 ppc ppcle ppc64 ppc64le ppcemb riscv32 riscv64 s390 s390x sh4 sh4eb sparc sparc64 unicore32 x86_64 xtensa xtensaeb'.split(
    ' ',
  ),
);

function findArch(conf: LibvirtConf, report: Report): string | undefined {
  const line = conf.first('lxc.arch');
  if (line === undefined) return undefined;
  const arch = { x86: 'i686', amd64: 'x86_64' }[line.value] ?? line.value;
  if (ARCHES.has(arch)) return arch;
  report.warning(line.valueOffset, `libvirt knows no architecture ${quote(line.value)} and leaves it out`);
  return undefined;
}

/** `T TARGET START COUNT`: LXC means the first as the id inside, libvirt as the one on the host. */
function convertIdmap(conf: LibvirtConf, report: Report): DomainElement | undefined {
  const ranges = { u: [] as DomainElement[], g: [] as DomainElement[] };
  for (const { key, value, valueOffset } of conf.lines) {
    if (key !== 'lxc.idmap' && key !== 'lxc.id_map') continue;
    const [, type, target, start, count] = /^([ug])\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})/.exec(value) ?? [];
    if (type === 'u' || type === 'g') {
      ranges[type].push(
        makeElement(type === 'u' ? 'uid' : 'gid', { start: plain(start), target: plain(target), count: plain(count) }),
      );
    } else
      report.error(valueOffset, `libvirt takes 'u' or 'g' and three numbers for ${quote(key)}, not ${quote(value)}`);
  }
  return unlessEmpty('idmap', [...ranges.u, ...ranges.g]);
}

const plain = (digits: string | undefined) => String(Number(digits));

/** Only the first line of capabilities counts, and a policy is always written. */
function convertFeatures(conf: LibvirtConf, { privnet }: ConvertedNetwork): DomainElement {
  const dropped = new Set(conf.first('lxc.cap.drop')?.value.split(' '));
  const states = CAPABILITY_NAMES.filter((name) => dropped.has(name)).map((name) =>
    makeElement(name, { state: 'off' }),
  );
  return makeElement('features', {}, [
    privnet ? makeElement('privnet') : undefined,
    makeElement('capabilities', { policy: 'allow' }, states),
  ]);
}

/** More make no sense, and each is an element. */
const MAX_CONSOLES = 1024n;

function convertConsoles(conf: LibvirtConf, report: Report): DomainElement[] {
  const line = conf.first('lxc.tty.max', 'lxc.tty');
  const count = readInteger(line, report) ?? 0n;
  if (count < 0n || count > MAX_CONSOLES) {
    report.error(line?.valueOffset ?? 0, `there may be 0 to ${MAX_CONSOLES} terminals, not ${count}`);
    return [];
  }
  return Array.from({ length: Number(count) }, (_, port) =>
    makeElement('console', { type: 'pty' }, [makeElement('target', { type: 'lxc', port })]),
  );
}

const READ =
  /^lxc\.(uts\.name|utsname|rootfs|rootfs\.path|arch|mount|mount\.(entry|fstab)|tty|tty\.max|idmap|id_map|cap\.drop|net\..*|network\..*|cgroup\.(memory\.((soft_|memsw\.)?limit_in_bytes)|cpu\.(shares|cfs_quota_us|cfs_period_us)|cpuset\.(cpus|mems)|blkio\..*))$/;

/** Once for each key, however often it stands there. */
function warnOfIgnored({ lines }: LibvirtConf, report: Report): void {
  const seen = new Set<string>();
  for (const { key, offset } of lines) {
    if (READ.test(key) || seen.has(key)) continue;
    seen.add(key);
    report.warning(offset, `libvirt's conversion leaves out ${quote(key)}`);
  }
}

/** An address of zeros is what libvirt writes for none. */
function withoutEmptyMacs(document: DomainElement): DomainElement {
  const devices = descendant(document, 'devices');
  const children = document.children.map((child) =>
    child !== devices
      ? child
      : {
          ...child,
          children: child.children.map((device) =>
            'name' in device && device.name === 'interface'
              ? { ...device, children: device.children.filter((part) => !isEmptyMac(part)) }
              : device,
          ),
        },
  );
  return { ...document, children };
}

function isEmptyMac(part: DomainElement['children'][number]): boolean {
  return 'name' in part && part.name === 'mac' && part.attributes.get('address') === '00:00:00:00:00:00';
}
