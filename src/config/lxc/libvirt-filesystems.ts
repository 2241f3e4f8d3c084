import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import { type DomainElement, makeElement } from '../libvirt/domain-element.js';
import type { LibvirtConf, LibvirtLine } from './libvirt-conf.js';
import { readSize } from './libvirt-numbers.js';
import { splitBlanks } from './values.js';

/** What libvirt mounts by itself: entries on these are left out. */
const BASIC_MOUNTS: ReadonlySet<string> = new Set([
  '/proc',
  '/proc/sys',
  '/proc/sys/net/ipv4',
  '/proc/sys/net/ipv6',
  '/sys',
  '/sys/kernel/security',
  '/sys/fs/selinux',
]);

/** The root and all mounts as libvirt's converter makes elements of them. */
export function convertFilesystems(conf: LibvirtConf, rootfs: string | undefined, report: Report): DomainElement[] {
  const path = rootfs ?? conf.first('lxc.rootfs.path', 'lxc.rootfs')?.value;
  if (path === undefined) report.error(0, 'the file gives no root: lxc.rootfs.path is missing');
  for (const line of conf.lines) {
    if (line.key !== 'lxc.mount.fstab' && line.key !== 'lxc.mount') continue;
    report.error(line.offset, `libvirt refuses ${quote(line.key)}`, 'write each of its lines as lxc.mount.entry');
  }
  const entries = conf.lines.filter(({ key }) => key === 'lxc.mount.entry');
  return [
    filesystem(path ?? '/', '/', false),
    ...entries.map((line) => convertEntry(line, report)).filter((element) => element !== undefined),
  ];
}

/** A path below /dev is a device, everything else a directory. */
function filesystem(source: string, target: string, isReadonly: boolean): DomainElement {
  const isDevice = source.startsWith('/dev/');
  return element(isDevice ? 'block' : 'mount', { [isDevice ? 'dev' : 'dir']: source }, target, isReadonly);
}

function element(
  type: string,
  source: Readonly<Record<string, string>>,
  target: string,
  isReadonly: boolean,
): DomainElement {
  return makeElement('filesystem', { type, accessmode: 'passthrough' }, [
    makeElement('source', source),
    makeElement('target', { dir: target }),
    isReadonly ? makeElement('readonly') : undefined,
  ]);
}

function convertEntry(line: LibvirtLine, report: Report): DomainElement | undefined {
  const [source, written, fstype, words] = splitBlanks(line.value);
  if (source === undefined || written === undefined || fstype === undefined || words === undefined) {
    report.error(line.valueOffset, `libvirt takes 'SOURCE TARGET TYPE OPTIONS', not ${quote(line.value)}`);
    return undefined;
  }
  const target = written.startsWith('/') ? written : `/${written}`;
  if (BASIC_MOUNTS.has(target)) return undefined;
  const options = words.split(',');
  const isReadonly = options.includes('ro');
  if (fstype !== 'tmpfs') return filesystem(source, target, isReadonly);
  const size = options.find((option) => option.startsWith('size='))?.slice(5);
  if (size === undefined) {
    report.error(line.valueOffset, `libvirt needs the option 'size' of the tmpfs on ${quote(target)}`);
    return undefined;
  }
  const kib = readSize(size, line, report) / 1024n;
  return element('ram', { usage: String(kib), units: 'KiB' }, target, isReadonly);
}
