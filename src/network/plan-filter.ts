import { CtrError } from '../errors.js';
import type { Op } from '../exec/plan.js';
import { toAddressBytes, toMacBytes } from './address-bytes.js';
import { compileFilter } from './filter-program.js';
import type { NamedLink } from './name-links.js';

/**
 * The filter of a port whose definition asks for one; none else.
 *
 * @throws CtrError CTR_BAD_CONFIG when nothing says which addresses are the container's
 */
export function planFilter({ spec, host, guest, mac }: NamedLink): Op[] {
  const { filter, ips } = spec;
  if (filter === undefined) return [];
  const own = [...ips.map(({ address }) => address), ...filter.addresses].map(toAddressBytes);
  if (own.length === 0)
    throw new CtrError('CTR_BAD_CONFIG', `cannot filter what '${guest}' sends: nothing says which addresses it has`, {
      hint: "<filterref filter='clean-traffic'><parameter name='IP' value='ADDRESS'/></filterref>, or an <ip>",
    });
  const macBytes = toMacBytes(mac);
  const ipv6 = own.filter(({ length }) => length === 16);
  const names = { mac: macBytes, ipv4: own.filter(({ length }) => length === 4), ipv6: withMade(ipv6, macBytes) };
  return [{ op: 'port-filter', link: host, program: compileFilter(names) }];
}

const LINK_LOCAL = toAddressBytes('fe80::');

/** And those that the kernel makes of the MAC address: of the link itself, and where a router advertises a network of 64 bits (RFC 4291, appendix A). */
function withMade(addresses: readonly Uint8Array[], mac: Uint8Array): Uint8Array[] {
  const [first = 0, ...rest] = mac;
  const made = [first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  const networks = [LINK_LOCAL, ...addresses].map((address) => [...address.subarray(0, 8)]);
  const all = [...addresses.map((address) => [...address]), ...networks.map((network) => [...network, ...made])];
  return [...new Map(all.map((address) => [address.join(), Uint8Array.from(address)])).values()];
}
