/** Settings about the network, as the model says them and back. */
import type { ContainerSpec, InterfaceSpec } from '../spec.js';
import { GUEST_NAME, guestOfLink, nameHostEnd, ZONE_PREFIX } from './link-names.js';
import { isLinkName } from './parse-names.js';
import { type Settings, wantsPrivateNetwork, wantsVeth } from './settings.js';

const BARE = { ips: [], routes: [], hostIps: [], hostRoutes: [] } as const;

/** Links, in the order in which nspawn makes them. */
export function interfacesOf(settings: Settings, container: string): InterfaceSpec[] {
  const { veths, interfaces, macvlans, ipvlans } = settings;
  return [
    ...(wantsVeth(settings) ? [firstVeth(settings, container)] : []),
    ...veths.map(
      ({ source, guest }): InterfaceSpec => ({ type: 'ethernet', guestName: guest, targetName: source, ...BARE }),
    ),
    ...interfaces.map(({ source, guest }): InterfaceSpec => ({ type: 'phys', source, guestName: guest, ...BARE })),
    ...macvlans.map(
      ({ source, guest }): InterfaceSpec => ({ type: 'direct', source, mode: 'bridge', guestName: guest, ...BARE }),
    ),
    ...ipvlans.map(
      ({ source, guest }): InterfaceSpec => ({ type: 'ipvlan', source, mode: 'l2', guestName: guest, ...BARE }),
    ),
  ];
}

function firstVeth({ bridge, zone }: Settings, container: string): InterfaceSpec {
  const isBridged = bridge !== undefined || zone !== undefined;
  const names = { guestName: GUEST_NAME, targetName: nameHostEnd(container, isBridged), ...BARE };
  if (bridge !== undefined) return { type: 'bridge', source: bridge, ...names };
  if (zone !== undefined) return { type: 'bridge', source: `${ZONE_PREFIX}${zone}`, bridgeOnDemand: true, ...names };
  return { type: 'ethernet', ...names };
}

/** Sets what `interfacesOf` makes of it again, as far as there are words for it: one veth has no names of its own. */
export function setNetwork(settings: Settings, spec: ContainerSpec): void {
  for (const link of spec.interfaces) setLink(settings, link, spec.name);
  const isPrivate = spec.features.privnet || spec.interfaces.length > 0;
  if (spec.features.privnet || (isPrivate && !wantsPrivateNetwork(settings))) settings.private = true;
  // nspawn does not start with ports of the host's network
  if (!isPrivate) return;
  // It has no word for an address of the host.
  for (const port of (spec.ports ?? []).filter(({ address }) => address === undefined))
    settings.ports.set(`${port.protocol} ${port.host}`, port);
}

function setLink(settings: Settings, link: InterfaceSpec, container: string): void {
  const { type, source = '', guestName, targetName } = link;
  const names = [type === 'ethernet' ? undefined : source, guestName, targetName].filter((name) => name !== undefined);
  if (!names.every((name) => isLinkName(name))) return;
  const isFree = !wantsVeth(settings);
  const isFirst = guestName === GUEST_NAME && targetName === nameHostEnd(container, false);
  switch (type) {
    case 'ethernet':
      if (isFree && (isFirst || targetName === undefined)) settings.virtualEthernet = true;
      else if (targetName !== undefined) settings.veths.push({ source: targetName, guest: guestName ?? targetName });
      return;
    case 'bridge':
      if (!isFree) return;
      if (link.bridgeOnDemand === true && source.startsWith(ZONE_PREFIX)) {
        settings.zone = source.slice(ZONE_PREFIX.length);
      } else settings.bridge = source;
      return;
    case 'phys':
      settings.interfaces.push({ source, guest: guestName ?? source });
      return;
    case 'direct':
      settings.macvlans.push({ source, guest: guestName ?? guestOfLink('MACVLAN', source) });
      return;
    case 'ipvlan':
      settings.ipvlans.push({ source, guest: guestName ?? guestOfLink('IPVLAN', source) });
      return;
    default:
      return;
  }
}
