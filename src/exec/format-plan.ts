import { signalName } from '../system/signals.js';
import { formatBandwidth, formatOnLink, formatOwnMac } from './format-links.js';
import {
  formatAddress,
  formatBits,
  formatHex,
  formatLimit,
  formatMac,
  formatMask,
  formatMode,
  formatPeer,
  formatRoute,
  formatText,
  splitList,
} from './format-values.js';
import { CLONE, MS, OPS, OPTION, type Op, type OpName, type OpOf, type Plan } from './plan.js';

/** The cells of an operation's line, after its phase and its name. An empty one at the end is not printed. */
const CELLS: { readonly [N in OpName]: (op: OpOf<N>) => readonly string[] } = {
  name: ({ name }) => [formatText(name)],
  clone: ({ flags }) => [formatBits(CLONE, flags, (name) => name.replace('NEW', '').toLowerCase())],
  'stage-idmap': ({ kind, inside, outside, count }) => [formatText(kind), `${inside}`, '→', `${outside}`, `×${count}`],
  idmap: ({ kind, inside, outside, count }) => [formatText(kind), `${inside}`, '→', `${outside}`, `×${count}`],
  monitor: ({ logDir, logLimit, onReboot }) => [
    `log ${formatText(logDir)}`,
    `limit ${logLimit}`,
    `reboot ${formatText(onReboot)}`,
  ],
  'stop-signal': ({ signal }) => [signalName(Number(signal))],

  'cgroup-unit': ({ mountpoint, slice, unit }) => [formatText(`${mountpoint}/${slice}/${unit}`)],
  'cgroup-dir': ({ path, options }) => [formatText(path), formatOptions(options)],
  'cgroup-write': ({ path, value }) => [formatText(path), '=', formatText(value)],
  'cgroup-cpuset': ({ path }) => [formatText(path)],
  'cgroup-devices': ({ path, program }) => [formatText(path), `${program.length / 8} instructions`],
  'cgroup-join': ({ path, version }) => [formatText(path), `v${version}`],
  bridge: ({ name, mac, options }) => [formatText(name), formatMac(mac), formatOptions(options)],

  device: ({ source, kind, options }) => [formatText(kind), formatText(source), formatOptions(options)],
  'cgroup-device': ({ path, device, access }) => [formatText(path), `device ${device}`, formatText(access)],
  'cgroup-owner': ({ path, version, uid, gid }) => [formatText(path), `v${version}`, `owner ${uid}:${gid}`],
  'host-directory': ({ path, mode, options }) => [formatText(path), formatMode(mode), formatOptions(options)],

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

  macvlan: ({ link, guest, mac, mtu, mode }) => [...formatOnLink(link, guest, mtu), formatMac(mac), `mode ${mode}`],
  ipvlan: ({ link, guest, mtu, mode }) => [...formatOnLink(link, guest, mtu), `mode ${mode}`],
  vlan: ({ link, guest, mac, mtu, id }) => [...formatOnLink(link, guest, mtu), formatOwnMac(mac), `id ${id}`],
  phys: ({ link, guest, mac, mtu }) => [...formatOnLink(link, guest, mtu), formatOwnMac(mac)],
  bandwidth: formatBandwidth,
  'bridge-port': ({ link, isolated, hairpin }) => [
    formatText(link),
    Number(isolated) === 0 ? '' : 'isolated',
    Number(hairpin) === 0 ? '' : 'hairpin',
  ],

  'port-filter': ({ link, program }) => [formatText(link), `${program.length / 8} instructions`],

  'network-bridge': ({ name, mac, mtu, stp, delay }) => [
    formatText(name),
    formatMac(mac),
    Number(mtu) === 0 ? '' : `mtu ${mtu}`,
    Number(stp) === 0 ? '' : `stp, delay ${delay} s`,
  ],
  network: ({ name, stamp }) => [formatText(name), `stamp ${formatText(stamp)}`],
  'host-sysctl': ({ path, value, options }) => [formatText(path), '=', formatText(value), formatOptions(options)],
  'host-link-up': ({ link }) => [formatText(link)],
  'network-port': ({ table, protocol, host, port, address, target }) => [
    formatText(table),
    protocol === 6 || protocol === 6n ? 'tcp' : 'udp',
    `${formatAddress(host)} ${port}`,
    `${formatAddress(address)} ${target}`,
  ],
  'network-pass': ({ program, kind, link, tag }) => [formatText(program), kind, formatText(link), formatText(tag)],
  'network-table': ({ family, table, rules }) => [
    `${formatText(family)} ${formatText(table)}`,
    `${rules.split('\n').length} lines`,
  ],
  'network-keeper': ({ args, config }) => [
    splitList(args).map(formatText).join(' '),
    `${config.split('\n').length - 1} lines`,
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
  'mount-device': ({ source, target, fstype, flags, data, options }) => [
    formatText(fstype === '' ? 'any' : fstype),
    `${formatText(source)} → ${formatText(target)}`,
    formatFlags(flags),
    data === '' ? '' : formatText(data),
    formatOptions(options),
  ],
  overlay: ({ layers, upper, target, flags, data, options }) => [
    `${formatText(splitList(layers).join(':'))} → ${formatText(target)}`,
    upper === '' ? (data === '' ? '' : `upper tmpfs ${formatText(data)}`) : `upper ${formatText(upper)}`,
    formatFlags(flags),
    formatOptions(options),
  ],
  inaccessible: ({ path, options }) => [formatText(path), formatOptions(options)],
  'root-device': ({ source, fstype, flags, data, options }) => [
    formatText(fstype === '' ? 'any' : fstype),
    formatText(source),
    formatFlags(flags),
    data === '' ? '' : formatText(data),
    formatOptions(options),
  ],
  'root-overlay': ({ data }) => [`upper tmpfs ${formatText(data)}`],
  'user-network': ({ program, args }) => [[program, ...splitList(args)].map(formatText).join(' ')],
  'root-empty': ({ data, options }) => [`tmpfs ${formatText(data)}`, formatOptions(options)],
  'root-usr': ({ data }) => [`tmpfs ${formatText(data)}`],
  'device-node': ({ device, path, mode, uid, gid }) => [
    formatText(path),
    formatMode(mode),
    `device ${device}`,
    `owner ${uid}:${gid}`,
  ],
  'bound-node': ({ path, mode, major, minor, uid, gid, device }) => [
    formatText(path),
    formatMode(mode),
    Number(device) === 0 ? `${major}:${minor}` : `device ${Number(device) - 1}`,
    `owner ${uid}:${gid}`,
  ],
  'copy-file': ({ source, path, mode, options }) => [
    `${formatText(source)} → ${formatText(path)}`,
    formatMode(mode),
    formatOptions(options),
  ],
  'write-file': ({ path, mode, content, unless, options }) => [
    formatText(path),
    formatMode(mode),
    `${content.length} bytes`,
    unless === '' ? '' : `unless ${formatText(unless)}`,
    formatOptions(options),
  ],
  'copy-link': ({ source, path, options }) => [`${formatText(source)} → ${formatText(path)}`, formatOptions(options)],
  remove: ({ path, options }) => [formatText(path), formatOptions(options)],
  pivot: () => [],

  remount: ({ path, flags }) => [formatText(path), formatFlags(flags)],

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

  namespace: ({ kind, from, source }) => [kind, `of ${from}`, formatText(source)],
  'time-namespace': ({ monotonic, boottime }) => [
    monotonic === '' ? '' : `monotonic ${monotonic}`,
    boottime === '' ? '' : `boottime ${boottime}`,
  ],
  run: () => [],
  reaper: () => [],
  'no-terminal': () => [],
  lifecycle: ({ onPoweroff, onReboot, onCrash }) => [
    `poweroff ${formatText(onPoweroff)}`,
    `reboot ${formatText(onReboot)}`,
    `crash ${formatText(onCrash)}`,
  ],
  'reboot-signal': ({ signal }) => [signalName(Number(signal))],
  'kill-signal': ({ signal }) => [signalName(Number(signal))],
  hook: ({ when, convention, path, args, env, timeout }) => [
    formatText(when),
    formatText(convention),
    [path, ...splitList(args)].map(formatText).join(' '),
    `env ${splitList(env).length}`,
    `timeout ${timeout} ms`,
  ],
  'hook-state': ({ state }) => [formatText(state)],
  'cgroup-blkio': ({ path, device, value }) => [formatText(path), '=', `${formatText(device)} ${formatText(value)}`],
  'proc-file': ({ file, value }) => [formatText(file), '=', formatText(value)],
  nice: ({ value }) => [value],
  notify: ({ path, timeout }) => [formatText(path), `timeout ${timeout} ms`],
  domainname: ({ name }) => [formatText(name)],
  sysctl: ({ path, value }) => [formatText(path), '=', formatText(value)],
  affinity: ({ mask }) => [formatMask(mask)],
  'memory-policy': ({ mode, nodes }) => [MEMORY_POLICIES[Number(mode)] ?? `${mode}`, formatMask(nodes)],
  umask: ({ mask }) => [`0${mask.toString(8).padStart(3, '0')}`],
  rlimit: ({ name, soft, hard }) => [name, `soft ${formatLimit(soft)}`, `hard ${formatLimit(hard)}`],
  groups: ({ gids }) => [gids],
  'user-env': () => [],
  'exec-label': ({ model, label }) => [model, formatText(label)],
  'arg-zero': ({ value }) => [formatText(value)],
  'exec-fallback': ({ path }) => [formatText(path)],
};

/** MPOL_* of set_mempolicy(2). */
const MEMORY_POLICIES = ['default', 'preferred', 'bind', 'interleave'];

const PHASE_WIDTH = 6;
const NAME_WIDTH = Math.max(...Object.keys(OPS).map((name) => name.length)) + 2;

/** Cells before the fields of each line. */
export const PLAN_INDENT = PHASE_WIDTH + NAME_WIDTH;

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

function formatFlags(flags: number | bigint): string {
  return formatBits(MS, flags, (name) => (name === 'RDONLY' ? 'ro' : name.toLowerCase()));
}

function formatOptions(options: number | bigint): string {
  const names = formatBits(OPTION, options, (name) => name.toLowerCase().replaceAll('_', '-'));
  return names === '' ? '' : `[${names.replaceAll(' ', ', ')}]`;
}
