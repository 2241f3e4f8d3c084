/** check: what networks need of the host. */
import { readFileSync } from 'node:fs';
import type { CheckItem } from './check.js';
import { findNetworkProgram } from './network-facts.js';

/** BR_MAX_PORTS of net/bridge/br_private.h. */
const MAX_PORTS = 1023;

export function networkItems(): CheckItem[] {
  return [
    programItem('nft', 'firewalls of networks', 'nftables'),
    programItem('dnsmasq', 'names and DHCP of networks', 'dnsmasq-base'),
    bridgeFilterItem(),
    { group: 'host', name: 'bridge ports', status: 'ok', detail: `at most ${MAX_PORTS} containers in a network` },
  ];
}

function programItem(name: string, what: string, debian: string): CheckItem {
  const path = findNetworkProgram(name);
  if (path !== undefined) return { group: 'host', name, status: 'ok', detail: path };
  return { group: 'host', name, status: 'absent', detail: `no ${what}`, hint: `apt-get install ${debian}` };
}

/** Whether what neighbours say to each other passes the rules of other firewalls: Documentation/networking/ip-sysctl. */
function bridgeFilterItem(): CheckItem {
  const item = (detail: string): CheckItem => ({ group: 'host', name: 'br_netfilter', status: 'ok', detail });
  try {
    const isOn = readFileSync('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').trim() === '1';
    return item(isOn ? 'on: firewalls see what neighbours in a network say to each other' : 'there, and off');
  } catch {
    return item('not there: no firewall sees what neighbours in a network say to each other');
  }
}
