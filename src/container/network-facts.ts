/** What of the host the networks depend on. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkSpec } from '../config/spec.js';
import { needsNameServer } from '../network/format-dnsmasq.js';
import { type HostRoute, parseIpv4Routes, parseIpv6Routes } from '../network/parse-routes.js';
import type { FilterProgram, NetworkHostFacts } from '../network/plan-network-up.js';

/** Never the caller's PATH: what is found is run as root. */
const FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin'];

/** Path of a program that networks need; undefined when the host has none. */
export function findNetworkProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The routes of this network namespace's main tables. */
export function readHostRoutes(): readonly HostRoute[] {
  return [...parseIpv4Routes(read('/proc/self/net/route')), ...parseIpv6Routes(read('/proc/self/net/ipv6_route'))];
}

export function readNetworkFacts(): NetworkHostFacts {
  const advertisedBy = readHostRoutes()
    .filter(({ prefix, advertised, address }) => prefix === 0 && advertised && address.includes(':'))
    .map(({ link }) => link);
  return {
    nft: findNetworkProgram('nft'),
    nameServer: findNameServer(),
    advertisedBy: [...new Set(advertisedBy)],
    filters: findFilterPrograms(),
  };
}

/** Debian's iptables is one of both kinds by choice; each is there by its own name besides. */
function findFilterPrograms(): FilterProgram[] {
  return (['iptables', 'ip6tables'] as const).flatMap((name) =>
    (['nft', 'legacy'] as const).flatMap((kind) => {
      const program = findNetworkProgram(`${name}-${kind}`);
      return program === undefined ? [] : [{ program, kind }];
    }),
  );
}

/** Whom the package dnsmasq makes for it, where it is there; dnsmasq-base alone makes nobody. */
export function findNameServer(): NetworkHostFacts['nameServer'] {
  const program = findNetworkProgram('dnsmasq');
  if (program === undefined) return undefined;
  const user = /^dnsmasq:/m.test(read('/etc/passwd')) ? 'dnsmasq' : 'nobody';
  return { program, user };
}

export const LACKS_NAME_SERVER = 'dnsmasq is not there (apt-get install dnsmasq-base)';

/** A network that would have names does without. */
export function lacksNameServer(spec: NetworkSpec): boolean {
  return needsNameServer(spec) === 'wanted' && findNameServer() === undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A kernel without that protocol.
    return '';
  }
}
