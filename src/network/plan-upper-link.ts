import type { InterfaceSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { Op } from '../exec/plan.js';
import { toMacBytes } from './address-bytes.js';
import type { NamedLink } from './name-links.js';

/** MACVLAN_MODE_* and IPVLAN_MODE_* of linux/if_link.h. */
const MACVLAN_MODES = { private: 1, vepa: 2, bridge: 4, passthrough: 8 } as const;
const IPVLAN_MODES = { l2: 0, l3: 1, l3s: 2 } as const;

/** The one operation of a link that has no end on the host: on top of one of the host's, or that one itself. Undefined for a veth. */
export function planUpperLink({ spec, guest, mac }: NamedLink): Op | undefined {
  const { type, source = '', mode, mtu = 0 } = spec;
  if (type !== 'network' && type !== 'bridge' && type !== 'ethernet') refuseRules(spec);
  const common = { link: source, guest, mtu };
  switch (type) {
    case 'direct':
      return { op: 'macvlan', ...common, mac: toMacBytes(mac), mode: numberOf(MACVLAN_MODES, mode, 'vepa') };
    case 'ipvlan':
      return { op: 'ipvlan', ...common, mode: numberOf(IPVLAN_MODES, mode, 'l3'), flags: 0 };
    case 'vlan':
      // Like its link, where nobody says another.
      return { op: 'vlan', ...common, mac: ownMac(spec.mac), id: spec.vlanId ?? 0 };
    case 'phys':
      return { op: 'phys', ...common, mac: ownMac(spec.mac) };
    default:
      return undefined;
  }
}

/** They are rules of the end on the host. @throws CtrError CTR_UNSUPPORTED */
function refuseRules({ type, source, bandwidth, isolated, filter }: InterfaceSpec): void {
  const rules = {
    'its bandwidth': bandwidth,
    'whom it reaches': isolated === true || undefined,
    'whom it speaks as': filter,
  };
  const what = Object.entries(rules).find(([, rule]) => rule !== undefined)?.[0];
  if (what === undefined) return;
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot connect to '${source}': a link of type '${type}' does not limit ${what}`,
  );
}

function numberOf<K extends string>(
  modes: Readonly<Record<K, number>>,
  mode: string | undefined,
  byDefault: K,
): number {
  const known: Readonly<Record<string, number>> = modes;
  return known[mode ?? byDefault] ?? modes[byDefault];
}

function ownMac(mac: string | undefined): Uint8Array {
  return mac === undefined ? new Uint8Array() : toMacBytes(mac);
}
