import type { Subnet } from './choose-subnet.js';

export const DEFAULT_NETWORK = 'default';
/** The domain of its containers: `.internal` is for private use (ICANN resolution 2024.07.29.06). */
export const DEFAULT_DOMAIN = 'ctr.internal';

/** The definition of the network that is there from the start, as text, with the subnets chosen for this host. */
export function formatDefaultNetwork(ipv4: Subnet, ipv6: Subnet): string {
  return `<network>
  <name>${DEFAULT_NETWORK}</name>
  <forward mode='nat'>
    <nat ipv6='yes'/>
  </forward>
  <bridge stp='off' delay='0'/>
  <domain name='${DEFAULT_DOMAIN}' localOnly='yes'/>
  <ip address='${ipv4.address}' prefix='${ipv4.prefix}'/>
  <ip family='ipv6' address='${ipv6.address}' prefix='${ipv6.prefix}'/>
</network>
`;
}
