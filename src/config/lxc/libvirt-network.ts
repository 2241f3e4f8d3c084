import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import { formatIpAddress, parseIpAddress } from '../ip-address.js';
import { type DomainElement, makeElement } from '../libvirt/domain-element.js';
import type { LibvirtConf, LibvirtLine } from './libvirt-conf.js';

/** Networks as libvirt's converter makes devices of them. */
export interface ConvertedNetwork {
  readonly interfaces: readonly DomainElement[];
  /** phys and vlan. */
  readonly hostdevs: readonly DomainElement[];
  readonly privnet: boolean;
}

interface Net {
  readonly values: Map<Field, LibvirtLine>;
  readonly ips: { readonly address: string; readonly family: Family; readonly prefix: string }[];
  /** Where it begins. */
  readonly line: LibvirtLine;
}

type Family = 'ipv4' | 'ipv6';
const FIELDS = [
  'name',
  'type',
  'link',
  'hwaddr',
  'flags',
  'macvlan.mode',
  'vlan.id',
  'ipv4.gateway',
  'ipv6.gateway',
] as const;
type Field = (typeof FIELDS)[number];
const ADDRESSES: Readonly<Record<string, Family>> = {
  ipv4: 'ipv4',
  'ipv4.address': 'ipv4',
  ipv6: 'ipv6',
  'ipv6.address': 'ipv6',
};

export function convertNetwork({ lines }: LibvirtConf, report: Report): ConvertedNetwork {
  const nets = collectNets(lines, report);
  const devices = nets.map((net) => convertNet(net, report)).filter((device) => device !== undefined);
  const [first] = nets;
  if (first !== undefined && devices.length === 0 && !nets.some(({ values }) => values.get('type')?.value === 'none')) {
    report.warning(first.line.offset, "libvirt makes nothing of this network, and the container shares the host's");
  }
  return {
    interfaces: devices.filter(({ name }) => name === 'interface'),
    hostdevs: devices.filter(({ name }) => name === 'hostdev'),
    // Even `empty`, which means the same to LXC, makes a difference to libvirt.
    privnet: nets.length === 0,
  };
}

/** Blocks in the order in which they begin: by their number, or of LXC 2 at each type. */
function collectNets(lines: readonly LibvirtLine[], report: Report): readonly Net[] {
  const nets: Net[] = [];
  const numbered = new Map<string, Net>();
  let legacy: Net | undefined;
  const begin = (line: LibvirtLine): Net => {
    const net: Net = { values: new Map(), ips: [], line };
    nets.push(net);
    return net;
  };
  for (const line of lines) {
    const { key } = line;
    if (key.startsWith('lxc.network.')) {
      const name = key.slice('lxc.network.'.length);
      if (name === 'type') legacy = begin(line);
      if (legacy === undefined) report.error(line.offset, `libvirt needs 'lxc.network.type' before ${quote(key)}`);
      else setField(legacy, name, line, report);
    } else if (key.startsWith('lxc.net.')) {
      const [, index = '', name = ''] = /^lxc\.net\.(\d{1,19})\.(.*)$/.exec(key) ?? [];
      const number = index.replace(/^0+(?=\d)/, '');
      const net = numbered.get(number) ?? begin(line);
      numbered.set(number, net);
      setField(net, name, line, report);
    }
  }
  return nets;
}

function setField(net: Net, name: string, line: LibvirtLine, report: Report): void {
  const field = FIELDS.find((known) => known === name);
  const family = Object.hasOwn(ADDRESSES, name) ? ADDRESSES[name] : undefined;
  if (field !== undefined) net.values.set(field, line);
  else if (family === undefined) report.error(line.offset, `libvirt does not know ${quote(line.key)}`, 'leave it out');
  else addAddress(net, family, line, report);
}

function addAddress(net: Net, family: Family, line: LibvirtLine, report: Report): void {
  const [host = '', ...rest] = line.value.split('/');
  const bytes = parseIpAddress(host.trim());
  const prefix = rest.join('/').trim();
  if (bytes?.length !== (family === 'ipv4' ? 4 : 16) || !/^\+?\d{1,9}$/.test(prefix)) {
    report.error(line.valueOffset, `libvirt takes an address with its prefix, not ${quote(line.value)}`);
    return;
  }
  net.ips.push({ address: formatIpAddress(bytes), family, prefix: String(Number(prefix)) });
}

function convertNet(net: Net, report: Report): DomainElement | undefined {
  const type = net.values.get('type')?.value ?? '';
  const link = net.values.get('link')?.value;
  if (type === '' || type === 'none' || type === 'empty') return undefined;
  if (type === 'phys' || type === 'vlan') return convertHostdev(net, type, link, report);
  if (type !== 'veth' && type !== 'macvlan') {
    const line = net.values.get('type') ?? net.line;
    report.error(line.valueOffset, `libvirt converts no network of type ${quote(type)}`);
    return undefined;
  }
  if (type === 'macvlan' && link === undefined) {
    reportMissingLink(net, report);
    return undefined;
  }
  const kind = type === 'macvlan' ? 'direct' : link === undefined ? 'ethernet' : 'bridge';
  const name = net.values.get('name')?.value;
  return makeElement('interface', { type: kind }, [
    makeElement('mac', { address: convertMac(net, report) }),
    kind === 'direct' ? makeElement('source', { dev: link, mode: convertMode(net, report) }) : undefined,
    kind === 'bridge' ? makeElement('source', { bridge: link }) : undefined,
    ...convertAddresses(net, report),
    name === undefined ? undefined : makeElement('guest', { dev: name }),
    makeElement('link', { state: net.values.get('flags')?.value === 'up' ? 'up' : 'down' }),
  ]);
}

function reportMissingLink({ line, values }: Net, report: Report): void {
  const type = values.get('type') ?? line;
  report.error(type.valueOffset, `a network of type ${quote(type.value)} needs its key 'link'`);
}

/** A link of the host; the one of a VLAN must be there already, by the name that ip-link(8) users give it. */
function convertHostdev(net: Net, type: string, link: string | undefined, report: Report): DomainElement | undefined {
  if (link === undefined) {
    reportMissingLink(net, report);
    return undefined;
  }
  const vlan = type === 'vlan' ? net.values.get('vlan.id')?.value : undefined;
  const name = makeElement('interface', {}, vlan === undefined ? link : `${link}.${vlan}`);
  return makeElement('hostdev', { mode: 'capabilities', type: 'net' }, [
    makeElement('source', {}, [name]),
    ...convertAddresses(net, report),
  ]);
}

/** libvirt makes none up here, and prints what it has. */
const NO_MAC = '00:00:00:00:00:00';

function convertMac({ values, line }: Net, report: Report): string {
  const mac = values.get('hwaddr');
  if (mac !== undefined && /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(mac.value)) {
    return mac.value
      .toLowerCase()
      .split(':')
      .map((byte) => byte.padStart(2, '0'))
      .join(':');
  }
  report.warning((mac ?? line).offset, `without a whole 'hwaddr' libvirt writes the address ${NO_MAC}`);
  return NO_MAC;
}

function convertMode({ values }: Net, report: Report): string {
  const mode = values.get('macvlan.mode');
  if (mode === undefined) return 'private';
  if (['private', 'vepa', 'bridge'].includes(mode.value)) return mode.value;
  report.warning(mode.valueOffset, `libvirt takes the mode ${quote(mode.value)} for 'vepa'`);
  return 'vepa';
}

function convertAddresses({ ips, values }: Net, report: Report): DomainElement[] {
  const routes = (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const line = values.get(`${family}.gateway`);
    if (line === undefined) return [];
    const bytes = parseIpAddress(line.value);
    if (bytes?.length !== (family === 'ipv4' ? 4 : 16)) {
      report.error(line.valueOffset, `libvirt takes an address for ${quote(line.key)}, not ${quote(line.value)}`);
      return [];
    }
    const address = family === 'ipv4' ? '0.0.0.0' : '::';
    return [makeElement('route', { family, address, gateway: formatIpAddress(bytes) })];
  });
  return [...ips.map(({ address, family, prefix }) => makeElement('ip', { address, family, prefix })), ...routes];
}
