import { LIMITS } from './table.js';

/** The text of `docs/reference/limits.md`. Ends with a newline. Pure. */
export function describeLimits(): string {
  return [
    '# Limits',
    '',
    'Made of the table in `src/config/limits/table.ts` by `npm run generate`; do not edit.',
    '',
    '`ctr set NAME KEY=VALUE…` changes them: of the running container (`--live`), of its definition (`--config`), of both; without either of',
    'what `virsh` calls the current state, which is the running container, or the definition where it does not run. What is set live stays',
    'through a reboot(2) of the container, and is gone after a stop. `ctr set NAME` lists what there is.',
    '',
    'A limit holds or is an error: the kernel is asked whether it has it, and of several that are set together all hold or none is changed.',
    'Less than the container uses already is refused, with what it uses; on cgroup v2 the kernel is asked to reclaim it first.',
    '',
    '| key | value | what | cgroup v1 | cgroup v2 | elsewhere |',
    '| --- | --- | --- | --- | --- | --- |',
    ...LIMITS.map(({ key, label, about, v1, v2, others }) =>
      cells(`\`${key}\``, label, about, files(v1), files(v2), others.map((word) => `\`${word}\``).join(', ')),
    ),
    '',
    '## Who comes from virsh',
    '',
    '| virsh | ctr |',
    '| --- | --- |',
    ...VIRSH.map(([theirs, ours]) => cells(`\`${theirs}\``, `\`${ours}\``)),
    '',
    '## Between the versions of cgroups',
    '',
    'A definition means the same on both. What it says in the words of one is written to the other so:',
    '',
    '| v1 | v2 | how |',
    '| --- | --- | --- |',
    ...CONVERSIONS.map((row) => cells(...row)),
    '',
    'Files without a word here (`lxc.cgroup2.FILE`, `linux.resources.unified`, `<ctr:cgroup-files>`) are written as they are, and need the',
    'version that they are of.',
    '',
  ].join('\n');
}

const VIRSH = [
  ['setmem NAME 96M', 'ctr set NAME memory=96M'],
  ['memtune NAME --hard-limit 96M', 'ctr set NAME memory=96M'],
  ['memtune NAME --soft-limit 64M', 'ctr set NAME memory.soft=64M'],
  ['memtune NAME --swap-hard-limit 128M', 'ctr set NAME memory.swap=128M'],
  ['schedinfo NAME --set cpu_shares=512', 'ctr set NAME cpu.shares=512'],
  ['schedinfo NAME --set vcpu_quota=50000', 'ctr set NAME cpu.quota=50000'],
  ['schedinfo NAME --set vcpu_period=100000', 'ctr set NAME cpu.period=100000'],
  ['blkiotune NAME --weight 500', 'ctr set NAME blkio.weight=500'],
  ['blkiotune NAME --device-read-bytes-sec /dev/sda,10485760', 'ctr set NAME blkio.read-bps=/dev/sda,10M'],
  ['memtune NAME', 'ctr set NAME'],
] as const;

const CONVERSIONS = [
  [
    '`cpu.shares` 2 to 262144',
    '`cpu.weight` 1 to 10000',
    'ceil(10^((l² + 125 l) / 612 − 7/34)) with l = log2 of the shares: 1024 is 100, the usual one of both (runc 1.4, crun 1.23). libvirt ' +
      'writes the number itself, so that 1024 is ten times the usual weight',
  ],
  ['`cpu.cfs_quota_us`, `cpu.cfs_period_us`', '`cpu.max`', 'both in one line; a quota below 0 is `max`'],
  ['`memory.limit_in_bytes`', '`memory.max`', 'the same'],
  ['`memory.soft_limit_in_bytes`', '`memory.high`', 'the same number, as libvirt; v2 throttles what is above it'],
  [
    '`memory.memsw.limit_in_bytes`',
    '`memory.swap.max`',
    'less the limit of memory: v2 counts swap alone (runc, crun). libvirt writes the sum',
  ],
  ['`blkio.bfq.weight` 10 to 1000', '`io.weight` 1 to 10000', '1 + (weight − 10) × 9999 / 990 (runc, crun)'],
  ['`blkio.throttle.*_device`', '`io.max`', '`rbps`, `wbps`, `riops`, `wiops` of the device in one line'],
  ['`pids.max`, `cpuset.*`', 'the same', 'the same'],
  ['`hugetlb.SIZE.limit_in_bytes`', '`hugetlb.SIZE.max`', 'the same'],
] as const;

function files(names: string): string {
  return names === '-'
    ? ''
    : names
        .split(', ')
        .map((name) => `\`${name}\``)
        .join(', ');
}

function cells(...texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}
