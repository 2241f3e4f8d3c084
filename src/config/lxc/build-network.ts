import { createHash } from 'node:crypto';
import type { InterfaceSpec, RouteSpec } from '../spec.js';
import type { Net } from './apply-line.js';
import { type Building, keepRow, optional, refuse } from './building.js';
import {
  ipv4Address,
  ipv4Gateway,
  ipv6Address,
  ipv6Gateway,
  ipvlanMode,
  macvlanMode,
  NET_ROWS,
  netFlags,
  netHwaddr,
  netLink,
  netMtu,
  netName,
  netType,
  vethPair,
  vethRoute4,
  vethRoute6,
  vlanId,
} from './net-rows.js';
import type { NetType } from './rows.js';
import type { Settings } from './settings.js';

export interface NetworkPart {
  readonly interfaces: readonly InterfaceSpec[];
  /** The only network is `none`. */
  readonly isHost: boolean;
}

/** @param name of the container: made-up digits come of it */
export function buildNetwork(building: Building, name: string): NetworkPart {
  const nets = [...building.draft.nets].sort(([a], [b]) => a - b);
  const interfaces: InterfaceSpec[] = [];
  for (const [index, current] of nets) {
    const link = buildLink(building, index, current, name, interfaces.length);
    if (link !== undefined) interfaces.push(link);
  }
  checkNames(nets.map(([, { settings }]) => settings));
  const types = nets.map(([, { settings }]) => settings.last(netType));
  return { interfaces, isHost: types.length > 0 && types.every((type) => type === 'none') };
}

const OTHER_ROWS = NET_ROWS.filter(({ standing }) => standing !== 'used');

/** @param position among the links that there are: by it a print numbers them */
function buildLink(
  building: Building,
  index: number,
  { settings, entry }: Net,
  name: string,
  position: number,
): InterfaceSpec | undefined {
  const type = settings.last(netType);
  if (type === undefined) {
    if (!settings.isSpoilt(netType)) {
      entry.report.warning(entry.offset, `network ${index} has no type: it is taken as 'empty', as LXC does`);
    }
    return undefined;
  }
  checkOnly(index, type, settings);
  if (type === 'empty' || type === 'none') return undefined;
  for (const row of OTHER_ROWS) {
    for (const setting of settings.all(row)) keepRow(building, row, `lxc.net.${position}.${row.key}`, setting.entry);
  }
  const source = settings.last(netLink);
  const error = (needed: string) =>
    entry.report.error(entry.valueOffset, `network ${index} is of type ${type} and needs lxc.net.${index}.${needed}`);
  if (source === undefined && type !== 'veth') error('link');
  if (type === 'vlan' && settings.last(vlanId) === undefined) error('vlan.id');
  const template = settings.last(netHwaddr);
  return {
    ...ofType(type, settings, source),
    ...optional('source', source),
    ...optional('mtu', settings.last(netMtu)),
    ...optional('mac', template === undefined ? undefined : fillMac(template, `${name} ${index}`)),
    ...optional('guestName', settings.last(netName) ?? (type === 'phys' ? source : undefined)),
    ...optional('targetName', settings.last(vethPair)),
    linkState: settings.last(netFlags) ?? 'down',
    ips: [ipv4Address, ipv6Address].flatMap((row) => settings.all(row).map(({ value }) => value)),
    routes: buildRoutes(building, settings, position),
    hostIps: [],
    hostRoutes: buildHostRoutes(building, settings, position, source),
  };
}

function ofType(
  type: NetType,
  settings: Settings,
  source: string | undefined,
): Pick<InterfaceSpec, 'type' | 'mode' | 'vlanId'> {
  switch (type) {
    case 'macvlan': {
      const mode = settings.last(macvlanMode) ?? 'private';
      return { type: 'direct', mode: mode === 'passthru' ? 'passthrough' : mode };
    }
    case 'ipvlan':
      return { type: 'ipvlan', mode: settings.last(ipvlanMode) ?? 'l3' };
    case 'vlan':
      return { type: 'vlan', ...optional('vlanId', settings.last(vlanId)) };
    case 'phys':
      return { type: 'phys' };
    default:
      return { type: source === undefined ? 'ethernet' : 'bridge' };
  }
}

function checkOnly(index: number, type: NetType, settings: Settings): void {
  const isNothing = type === 'empty' || type === 'none';
  for (const row of NET_ROWS) {
    const setting = row === netType ? undefined : settings.lastSetting(row);
    if (setting === undefined) continue;
    const { report, offset } = setting.entry;
    if (row.only?.includes(type) === false) {
      report.error(
        offset,
        `lxc.net.${index}.${row.key} is for ${row.only.join(' and ')}, and network ${index} is ${type}`,
      );
    } else if (isNothing) {
      report.warning(offset, `no effect: network ${index} is ${type}`);
    }
  }
}

/** Default routes. */
function buildRoutes(building: Building, settings: Settings, position: number): RouteSpec[] {
  return [
    { family: 'ipv4' as const, address: '0.0.0.0', row: ipv4Gateway },
    { family: 'ipv6' as const, address: '::', row: ipv6Gateway },
  ].flatMap(({ family, address, row }) => {
    const gateway = settings.lastSetting(row);
    if (gateway === undefined) return [];
    if (gateway.value === 'auto') {
      refuse(building, `lxc.net.${position}.${row.key}`, gateway.entry, 'the address of the bridge as its gateway');
      return [];
    }
    return [{ family, address, prefix: 0, ...(gateway.value === 'dev' ? {} : { gateway: gateway.value }) }];
  });
}

function buildHostRoutes(
  building: Building,
  settings: Settings,
  position: number,
  source: string | undefined,
): RouteSpec[] {
  return [vethRoute4, vethRoute6].flatMap((row) =>
    settings.all(row).flatMap(({ value, entry }) => {
      if (source === undefined) return [value];
      refuse(building, `lxc.net.${position}.${row.key}`, entry, 'a route of the host to the port of a bridge');
      return [];
    }),
  );
}

/** Two links of one name, inside or on the host. */
function checkNames(nets: readonly Settings[]): void {
  for (const row of [netName, vethPair]) {
    const seen = new Set<string>();
    for (const settings of nets) {
      const setting = settings.lastSetting(row);
      if (setting === undefined) continue;
      if (seen.has(setting.value)) {
        setting.entry.report.error(setting.entry.valueOffset, `'${setting.value}' is already the name of another link`);
      }
      seen.add(setting.value);
    }
  }
}

/**
 * An address from a template. LXC makes up new digits whenever it reads a file that it has not written itself; here they come
 * of the name, so that a lease outlives a restart. Of a first byte that is made up, the address is a local unicast one.
 */
function fillMac(template: string, seed: string): string {
  const digits = createHash('sha256').update(seed).digest('hex');
  return template.replace(/x/g, (_, offset: number) => {
    const digit = Number.parseInt(digits.charAt(offset), 16);
    return (offset === 1 ? (digit & 0xe) | 0x2 : digit).toString(16);
  });
}
