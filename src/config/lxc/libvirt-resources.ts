import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import { type DomainElement, makeElement } from '../libvirt/domain-element.js';
import { normalizeList } from './cgroup-values.js';
import type { LibvirtConf, LibvirtLine } from './libvirt-conf.js';
import { readInteger, readSize, unlessZero } from './libvirt-numbers.js';
import { splitBlanks } from './values.js';

/** Limits as libvirt's converter makes elements of them, in libvirt's order. */

const DEFAULT_MEMORY_KIB = 65536n;
/** It and everything above means "no limit". */
const UNLIMITED_KIB = 9007199254740991n;

export interface ConvertedMemory {
  readonly totalKib: bigint;
  readonly memtune: DomainElement | undefined;
}

export function convertMemory(conf: LibvirtConf, report: Report): ConvertedMemory {
  const kib = (file: string) => {
    const line = conf.first(`lxc.cgroup.memory.${file}`);
    return line === undefined ? undefined : readSize(line.value, line, report) / 1024n;
  };
  const hard = kib('limit_in_bytes');
  if (hard === 0n)
    report.error(conf.first('lxc.cgroup.memory.limit_in_bytes')?.offset ?? 0, 'libvirt needs some memory');
  const limits = [
    limitElement('hard_limit', hard),
    limitElement('soft_limit', kib('soft_limit_in_bytes')),
    limitElement('swap_hard_limit', kib('memsw.limit_in_bytes')),
  ];
  return { totalKib: hard ?? DEFAULT_MEMORY_KIB, memtune: unlessEmpty('memtune', limits) };
}

function limitElement(name: string, kib: bigint | undefined): DomainElement | undefined {
  return kib === undefined || kib >= UNLIMITED_KIB ? undefined : makeElement(name, { unit: 'KiB' }, String(kib));
}

export function unlessEmpty(name: string, children: readonly (DomainElement | undefined)[]): DomainElement | undefined {
  return children.every((child) => child === undefined) ? undefined : makeElement(name, {}, children);
}

function textElement(name: string, text: string | undefined): DomainElement | undefined {
  return text === undefined ? undefined : makeElement(name, {}, text);
}

export function convertCpu(conf: LibvirtConf, report: Report): DomainElement | undefined {
  const number = (file: string) => readInteger(conf.first(`lxc.cgroup.cpu.${file}`), report);
  const shares = number('shares');
  return unlessEmpty('cputune', [
    textElement('shares', shares === undefined ? undefined : String(shares)),
    textElement('period', unlessZero(number('cfs_period_us'))),
    textElement('quota', unlessZero(number('cfs_quota_us'))),
  ]);
}

/** A list of CPUs or nodes. */
export function convertList(conf: LibvirtConf, file: string, report: Report): string | undefined {
  const line = conf.first(`lxc.cgroup.cpuset.${file}`);
  if (line === undefined) return undefined;
  const list = normalizeList(line.value);
  if (list === undefined) report.error(line.valueOffset, `libvirt takes a list like 0-3,7, not ${quote(line.value)}`);
  return list;
}

/** Keys of one device, in the order in which their elements stand. */
const DEVICE_KEYS: readonly (readonly [file: string, element: string])[] = [
  ['device_weight', 'weight'],
  ['throttle.read_iops_device', 'read_iops_sec'],
  ['throttle.write_iops_device', 'write_iops_sec'],
  ['throttle.read_bps_device', 'read_bytes_sec'],
  ['throttle.write_bps_device', 'write_bytes_sec'],
];

const PREFIX = 'lxc.cgroup.blkio.';

export function convertBlkio(conf: LibvirtConf, report: Report): DomainElement | undefined {
  const devices = new Map<string, Map<string, bigint>>();
  for (const line of conf.lines) {
    if (line.key.startsWith(PREFIX) && line.key !== `${PREFIX}weight`) setDevice(line, devices, report);
  }
  const elements = [...devices].map(([path, values]) => {
    const limits = DEVICE_KEYS.map(([, element]) => textElement(element, unlessZero(values.get(element))));
    if (limits.every((limit) => limit === undefined)) return undefined;
    return makeElement('device', {}, [makeElement('path', {}, path), ...limits]);
  });
  const weight = readInteger(conf.first(`${PREFIX}weight`), report);
  return unlessEmpty('blkiotune', [textElement('weight', unlessZero(weight)), ...elements]);
}

function setDevice(line: LibvirtLine, devices: Map<string, Map<string, bigint>>, report: Report): void {
  const [numbers, amount] = splitBlanks(line.value);
  if (numbers === undefined || amount === undefined) {
    report.error(line.valueOffset, `libvirt takes the numbers of a device and an amount for ${quote(line.key)}`);
    return;
  }
  const path = `/dev/block/${numbers}`;
  const values = devices.get(path) ?? new Map<string, bigint>();
  devices.set(path, values);
  const element = DEVICE_KEYS.find(([file]) => line.key === PREFIX + file)?.[1];
  if (element === undefined) {
    report.warning(line.offset, `libvirt ignores ${quote(line.key)}`);
    return;
  }
  const value = readInteger(line, report, amount);
  if (value !== undefined) values.set(element, value);
}
