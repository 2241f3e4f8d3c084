/** Settings of [Network]. systemd.nspawn(5) */
import { quote } from '../display-text.js';
import type { PortSpec } from '../spec.js';
import { guestOfLink, ZONE_PREFIX } from './link-names.js';
import { isLinkName } from './parse-names.js';
import { parseUnsigned } from './parse-numbers.js';
import { flagRow, type Say, type SettingRow } from './rows.js';
import type { LinkPair, Settings } from './settings.js';
import { splitColons, splitPlain } from './split-words.js';

const network = { section: 'Network', group: 'network', privileged: true } as const;

/** Links of the host: nspawn stops at a wrong one. */
function linksRow(
  key: 'Interface' | 'MACVLAN' | 'IPVLAN',
  about: string,
  listOf: (settings: Settings) => LinkPair[],
): SettingRow {
  return {
    ...network,
    key,
    value: 'links of the host, each HOST or HOST:NAME-INSIDE',
    about,
    read: (value, settings, say) => {
      for (const { text, index } of splitPlain(value)) {
        const pair = parsePair(text, (source) => guestOfLink(key, source));
        if (pair === undefined)
          say.fail(`${quote(text)} is no name of a link, or of a link and its name inside`, index);
        else listOf(settings).push(pair);
      }
    },
    print: (settings) => {
      const pairs = listOf(settings).map((pair) => printPair(pair, guestOfLink(key, pair.source)));
      return pairs.length === 0 ? [] : [pairs.join(' ')];
    },
  };
}

function parsePair(text: string, guestOf: (source: string) => string): LinkPair | undefined {
  const { parts, rest } = splitColons(text, 2) ?? { parts: [''] };
  const [source = '', written = ''] = parts;
  const guest = written === '' ? guestOf(source) : written;
  return rest === undefined && isLinkName(source) && isLinkName(guest) ? { source, guest } : undefined;
}

function printPair({ source, guest }: LinkPair, byDefault: string): string {
  return guest === byDefault ? source : `${source}:${guest}`;
}

function readPort(value: string, { ports }: Settings, say: Say): void {
  const port = parsePort(value);
  if (port === undefined) {
    say.bad();
    return;
  }
  const key = `${port.protocol} ${port.host}`;
  if (ports.has(key)) say.bad(`has port ${port.host} of ${port.protocol} a second time`);
  else ports.set(key, port);
}

function parsePort(value: string): PortSpec | undefined {
  const [, protocol = 'tcp', numbers = ''] = /^(?:(tcp|udp):)?(.*)$/s.exec(value) ?? [];
  const [hostText = '', containerText = hostText] = numbers.split(/:(.*)/s);
  const host = parseUnsigned(hostText);
  const container = parseUnsigned(containerText);
  if (!isPort(host) || !isPort(container)) return undefined;
  return { protocol: protocol === 'udp' ? 'udp' : 'tcp', host, container };
}

function isPort(number: number | undefined): number is number {
  return number !== undefined && number >= 1 && number <= 65535;
}

function printPort({ protocol, host, container }: PortSpec): string {
  return [...(protocol === 'udp' ? ['udp'] : []), host, ...(container === host ? [] : [container])].join(':');
}

export const networkRows: readonly SettingRow[] = [
  flagRow({ ...network, key: 'Private', about: 'a network of its own, also without links' }, 'private'),
  flagRow(
    { ...network, key: 'VirtualEthernet', about: 'a veth: `host0` inside, `ve-NAME` on the host' },
    'virtualEthernet',
  ),
  {
    ...network,
    key: 'VirtualEthernetExtra',
    value: 'HOST or HOST:NAME-INSIDE',
    about: 'one more veth, whose ends have these names',
    read: (value, { veths }, say) => {
      const pair = parsePair(value, (source) => source);
      if (pair === undefined) say.bad();
      else veths.push(pair);
    },
    print: ({ veths }) => veths.map((pair) => printPair(pair, pair.source)),
  },
  linksRow('Interface', 'moved into the container, and back at its end', ({ interfaces }) => interfaces),
  linksRow('MACVLAN', 'macvlan links on them, in bridge mode, named mv-HOST', ({ macvlans }) => macvlans),
  linksRow('IPVLAN', 'ipvlan links on them, in mode l2, named iv-HOST', ({ ipvlans }) => ipvlans),
  {
    ...network,
    key: 'Bridge',
    value: 'a name of a link',
    about: 'the veth is a port of this bridge, `vb-NAME`. Not with `Zone`',
    read: (value, settings, say) => {
      if (value !== '' && !isLinkName(value)) say.bad();
      else settings.bridge = value === '' ? undefined : value;
    },
    print: ({ bridge }) => (bridge === undefined ? [] : [bridge]),
  },
  {
    ...network,
    key: 'Zone',
    value: `a name that makes a link's with ${ZONE_PREFIX} before it`,
    about: `the veth is a port of the bridge ${ZONE_PREFIX}ZONE, which is made when the first container of the zone starts`,
    read: (value, settings, say) => {
      if (!isLinkName(`${ZONE_PREFIX}${value}`)) say.bad();
      else settings.zone = value === '' ? undefined : value;
    },
    print: ({ zone }) => (zone === undefined ? [] : [zone]),
  },
  {
    ...network,
    key: 'Port',
    value: '[tcp:|udp:]HOST[:INSIDE], ports from 1 to 65535',
    about: 'a port of the host leads into the container. Needs a network of its own',
    group: 'expose-ports',
    read: readPort,
    print: ({ ports }) => [...ports.values()].map((port) => printPort(port)),
  },
];
