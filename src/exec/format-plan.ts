import { signalName } from '../system/signals.js';
import { formatAddress, formatMac, formatMode, formatText } from './format-values.js';
import { CLONE, MS, OPS, OPTION, type Op, type OpName, type OpOf, type Plan } from './plan.js';

/** The cells of an operation's line, after its phase and its name. An empty one at the end is not printed. */
const CELLS: { readonly [N in OpName]: (op: OpOf<N>) => readonly string[] } = {
  name: ({ name }) => [formatText(name)],
  clone: ({ flags }) => [formatBits(CLONE, flags, (name) => name.replace('NEW', '').toLowerCase())],
  idmap: ({ kind, inside, outside, count }) => [formatText(kind), `${inside}`, '→', `${outside}`, `×${count}`],
  monitor: ({ logDir, logLimit, onReboot }) => [
    `log ${formatText(logDir)}`,
    `limit ${logLimit}`,
    `reboot ${formatText(onReboot)}`,
  ],
  'stop-signal': ({ signal }) => [signalName(Number(signal))],

  'cgroup-dir': ({ path, options }) => [formatText(path), formatOptions(options)],
  'cgroup-write': ({ path, value }) => [formatText(path), '=', formatText(value)],
  'cgroup-cpuset': ({ path }) => [formatText(path)],
  'cgroup-devices': ({ path, program }) => [formatText(path), `${program.length / 8} instructions`],
  'cgroup-join': ({ path, version }) => [formatText(path), `v${version}`],
  bridge: ({ name, mac, options }) => [formatText(name), formatMac(mac), formatOptions(options)],

  veth: ({ host, guest, mac, master, mtu }) => [
    `${formatText(host)} ↔ ${formatText(guest)}`,
    formatMac(mac),
    master === '' ? '' : `bridge ${formatText(master)}`,
    Number(mtu) === 0 ? '' : `mtu ${mtu}`,
  ],
  'host-address': ({ link, address, prefix, peer }) => [
    formatText(link),
    `${formatAddress(address)}/${prefix}`,
    formatPeer(peer),
  ],
  'host-route': ({ link, destination, prefix, gateway, metric }) => [
    formatText(link),
    ...formatRoute(destination, prefix, gateway, metric),
  ],

  root: ({ source, options }) => [formatText(source), formatOptions(options)],
  detach: ({ path, options }) => [formatText(path), formatOptions(options)],
  mount: ({ fstype, target, flags, data, options }) => [
    formatText(fstype),
    formatText(target),
    formatFlags(flags),
    data === '' ? '' : formatText(data),
    formatOptions(options),
  ],
  bind: ({ source, target, flags, options }) => [
    `${formatText(source)} → ${formatText(target)}`,
    formatFlags(flags),
    formatOptions(options),
  ],
  node: ({ path, mode, major, minor, uid, gid }) => [
    formatText(path),
    formatMode(mode),
    `${major}:${minor}`,
    `owner ${uid}:${gid}`,
  ],
  symlink: ({ path, target }) => [`${formatText(path)} → ${formatText(target)}`],
  directory: ({ path, mode, uid, gid }) => [formatText(path), formatMode(mode), `owner ${uid}:${gid}`],
  console: ({ paths, uid }) => [paths.split(' ').map(formatText).join(' '), `owner ${uid}`],
  mask: ({ path, options }) => [formatText(path), formatOptions(options)],
  'read-only': ({ path, except, options }) => [
    except === '' ? formatText(path) : `${formatText(path)} but ${formatText(except)}`,
    formatOptions(options),
  ],
  pivot: () => [],

  hostname: ({ name }) => [formatText(name)],
  loopback: () => [],
  address: ({ link, address, prefix, peer }) => [
    formatText(link),
    `${formatAddress(address)}/${prefix}`,
    formatPeer(peer),
  ],
  'link-up': ({ link }) => [formatText(link)],
  route: ({ destination, prefix, gateway, metric }) => formatRoute(destination, prefix, gateway, metric),
  personality: ({ value }) => [formatHex(value)],
  capabilities: ({ bounding, effective, permitted, inheritable, ambient }) => [
    `bounding ${formatHex(bounding)}`,
    `effective ${formatHex(effective)}`,
    `permitted ${formatHex(permitted)}`,
    `inheritable ${formatHex(inheritable)}`,
    `ambient ${formatHex(ambient)}`,
  ],
  user: ({ user, group }) => [user === '' ? '' : formatText(user), group === '' ? '' : `group ${formatText(group)}`],
  cwd: ({ path }) => [formatText(path)],
  'no-new-privs': () => [],
  seccomp: ({ program }) => [`${program.length / 8} instructions`],
  env: ({ entry }) => [formatText(entry)],
  arg: ({ value }) => [formatText(value)],
  exec: ({ path, options }) => [formatText(path), formatOptions(options)],
};

const PHASE_WIDTH = 6;
const NAME_WIDTH = Math.max(...Object.keys(OPS).map((name) => name.length)) + 2;

/**
 * The plan for a reader: one operation per line, as phase, name and fields; the fields of neighbours of one name are aligned.
 * Text with blanks or control characters is quoted. Ends with a newline unless the plan is empty.
 */
export function formatPlan(plan: Plan): string {
  const lines: string[] = [];
  for (const run of groupByName(plan.ops)) {
    const rows = run.map((op) => (CELLS[op.op] as (op: Op) => readonly string[])(op));
    const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    run.forEach((op, index) => {
      const cells =
        rows[index]?.map((cell, column) => cell.padEnd(widths[column] ?? 0)).filter((cell) => cell !== '') ?? [];
      const head = OPS[op.op].phase.padEnd(PHASE_WIDTH) + op.op.padEnd(NAME_WIDTH);
      lines.push(`${head}${cells.join('  ')}`.trimEnd());
    });
  }
  return lines.map((line) => `${line}\n`).join('');
}

function groupByName(ops: readonly Op[]): Op[][] {
  const runs: Op[][] = [];
  for (const op of ops) {
    const run = runs.at(-1);
    if (run?.[0]?.op === op.op) run.push(op);
    else runs.push([op]);
  }
  return runs;
}

/** Names of the bits that are set, in the table's order. */
function formatBits(
  table: Readonly<Record<string, number>>,
  bits: number | bigint,
  rename: (name: string) => string,
): string {
  const set = BigInt(bits);
  return Object.entries(table)
    .filter(([, bit]) => (set & BigInt(bit)) !== 0n)
    .map(([name]) => rename(name))
    .join(' ');
}

function formatFlags(flags: number | bigint): string {
  return formatBits(MS, flags, (name) => (name === 'RDONLY' ? 'ro' : name.toLowerCase()));
}

function formatOptions(options: number | bigint): string {
  const names = formatBits(OPTION, options, (name) => name.toLowerCase().replaceAll('_', '-'));
  return names === '' ? '' : `[${names.replaceAll(' ', ', ')}]`;
}

function formatHex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function formatPeer(peer: Uint8Array): string {
  return peer.length === 0 ? '' : `peer ${formatAddress(peer)}`;
}

function formatRoute(
  destination: Uint8Array,
  prefix: number | bigint,
  gateway: Uint8Array,
  metric: number | bigint,
): readonly string[] {
  const via = gateway.length === 0 ? '' : `via ${formatAddress(gateway)}`;
  return [`${formatAddress(destination)}/${prefix}`, via, Number(metric) === 0 ? '' : `metric ${metric}`];
}
