/** What a container uses and how it is reached, in the lines of `ctr info`. Pure. */
import type { ContainerInfo, InterfaceInfo } from '../container/info.js';
import { formatBytes } from './format.js';

export type Field = readonly [string, string | undefined];

/** Memory, processes, CPU time, block devices, pressure. */
export function useFields({ memory, pids, cpu, io, pressure, views }: ContainerInfo): Field[] {
  return [
    ['memory', formatUse(memory?.usedBytes, memory?.limitBytes, formatBytes)],
    ['memory peak', bytes(memory?.peakBytes)],
    ['in it', joined([part(memory?.cacheBytes, 'cache'), part(memory?.kernelBytes, 'kernel')])],
    ['swap', memory?.swapBytes ? bytes(memory.swapBytes) : undefined],
    ['soft limit', bytes(memory?.softLimitBytes)],
    ['limit hit', memory?.limitHits ? `memory, ${times(memory.limitHits)}${killed(memory.oomKills)}` : undefined],
    ['limit hit', pids?.limitHits ? `pids, ${times(pids.limitHits)}` : undefined],
    ['oom kills', memory?.oomKills ? String(memory.oomKills) : undefined],
    ['pids', formatUse(pids?.used, pids?.limit, String)],
    ['pids peak', pids?.peak === undefined ? undefined : String(pids.peak)],
    ['cpu', cpu && joined([seconds(cpu.usedNs), timePart(cpu.userNs, 'user'), timePart(cpu.systemNs, 'system')])],
    ['cpu limit', cpuLimit(cpu)],
    [
      'throttled',
      cpu?.throttledPeriods ? `${times(cpu.throttledPeriods)}, ${seconds(cpu.throttledNs ?? 0)}` : undefined,
    ],
    ['block i/o', io && `${formatBytes(io.readBytes)} read, ${formatBytes(io.writeBytes)} written`],
    ['pressure', pressure && pressureText(pressure)],
    ['views', views && VIEWS[views]],
  ];
}

const VIEWS = {
  lxcfs: '/proc shows its limits (lxcfs)',
  dead: '/proc cannot show its limits any more: lxcfs has died; start it anew',
} as const;

/** Interfaces and addresses. */
export function reachFields({ interfaces, addresses, resolvConf }: ContainerInfo): Field[] {
  return [
    ...interfaces.map((link): Field => ['interface', interfaceText(link)]),
    ...(addresses ?? []).map(
      ({ address, link }): Field => ['address', link === undefined ? address : `${address}  ${link}`],
    ),
    ['resolv.conf', interfaces.length > 0 && resolvConf ? `${resolvConf.mode}: ${resolvConf.why}` : undefined],
  ];
}

function interfaceText({ guestName, type, source, hostName, mac, rxBytes, txBytes }: InterfaceInfo): string {
  const counters =
    rxBytes === undefined || txBytes === undefined ? '' : `  rx ${formatBytes(rxBytes)}, tx ${formatBytes(txBytes)}`;
  // The others have no end on the host.
  const link = ['network', 'bridge', 'ethernet'].includes(type) ? `  ${hostName}` : '';
  return `${guestName}  ${source ?? type}${link}  ${mac}${counters}`;
}

/** `1.5 MiB, at most 64 MiB`, `no limit`, … */
function formatUse(used: number | undefined, limit: number | undefined, format: (value: number) => string) {
  const most = limit === undefined ? 'no limit' : `at most ${format(limit)}`;
  return used === undefined ? most : `${format(used)}, ${most}`;
}

function bytes(value: number | undefined): string | undefined {
  return value === undefined ? undefined : formatBytes(value);
}

function part(value: number | undefined, word: string): string | undefined {
  return value === undefined ? undefined : `${formatBytes(value)} ${word}`;
}

function timePart(ns: number | undefined, word: string): string | undefined {
  return ns === undefined ? undefined : `${seconds(ns)} ${word}`;
}

function seconds(ns: number): string {
  return `${(ns / 1e9).toFixed(2)} s`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function killed(count: number | undefined): string {
  if (!count) return '';
  return count === 1 ? ', a process was killed' : `, ${count} processes were killed`;
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const found = parts.filter((text) => text !== undefined);
  return found.length === 0 ? undefined : found.join(', ');
}

function cpuLimit(cpu: ContainerInfo['cpu']): string | undefined {
  const { quotaUs, periodUs, cpuset } = cpu ?? {};
  const quota =
    quotaUs === undefined || periodUs === undefined
      ? undefined
      : `${Number((quotaUs / periodUs).toFixed(2))} processors`;
  return joined([quota, cpuset === undefined ? undefined : `processors ${cpuset}`]);
}

/** How much of the last ten seconds some of it waited. */
function pressureText({ cpu, memory, io }: NonNullable<ContainerInfo['pressure']>): string | undefined {
  const parts = Object.entries({ cpu, memory, io }).flatMap(([word, value]) =>
    value === undefined ? [] : [`${word} ${value.some.avg10}%`],
  );
  return parts.length === 0 ? undefined : `${parts.join(', ')} (10 s)`;
}
