/** What the network of a container is, without a program in it: files of its init in /proc. */
import { readFileSync, statSync } from 'node:fs';
import { findLinkOf, type LinkCounters, listLinks, parseFibTrie, parseIfInet6 } from './parse-proc-net.js';

export interface NetAddress {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  /** Name of the link inside, where it can be told. */
  readonly link?: string;
}

/** Whether the process is in the network namespace of this one: then it has no links of its own. */
export function sharesNetwork(pid: number): boolean {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino === statSync('/proc/self/ns/net').ino;
  } catch {
    return false;
  }
}

/** The links with their counters, without the loopback one. */
export function readLinks(pid: number): LinkCounters[] {
  return listLinks(readNet(pid, 'dev'));
}

/**
 * The addresses that others can reach: IPv4, then IPv6.
 *
 * @param gathered files of /proc/PID/net that were read already, by their names
 */
export function readAddresses(pid: number, gathered?: ReadonlyMap<string, string>): NetAddress[] {
  const read = (file: string) => gathered?.get(file) ?? readNet(pid, file);
  const ipv4 = parseFibTrie(read('fib_trie'));
  const routes = ipv4.length === 0 ? '' : read('route');
  return [
    ...ipv4.map((address): NetAddress => {
      const link = findLinkOf(address, routes);
      return { family: 'ipv4', address, ...(link === undefined ? {} : { link }) };
    }),
    ...parseIfInet6(read('if_inet6')).map((found): NetAddress => ({ family: 'ipv6', ...found })),
  ];
}

/** '' once the process is gone. */
function readNet(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/net/${file}`, 'utf8');
  } catch {
    return '';
  }
}
