/** A network of an ordinary user: pasta(1) or slirp4netns(1) beside the container. Pure. */
import type { InterfaceSpec, PortSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { OpOf } from '../exec/plan.js';
import type { HostFacts, UserNetworkProgram } from '../system/host-facts.js';
import { nameLinks } from './name-links.js';

/** What of a model it depends on. */
export interface UserNetworkPart {
  readonly name: string;
  readonly interfaces: readonly InterfaceSpec[];
  readonly ports?: readonly PortSpec[];
}

/**
 * Links of type `user`: a network namespace takes one program.
 *
 * @throws CtrError CTR_MISSING_PROGRAM, CTR_UNSUPPORTED
 */
export function planUserLinks(
  { name, interfaces, ports = [] }: UserNetworkPart,
  uuid: string,
  host: Pick<HostFacts, 'user' | 'userNetwork'>,
): OpOf<'user-network'>[] {
  const links = nameLinks(interfaces, uuid).filter(({ spec }) => spec.type === 'user');
  const [link] = links;
  if (link === undefined) return [];
  const refuse = (reason: string, hint: string) =>
    new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': ${reason}`, { hint });
  if (host.user === undefined)
    throw refuse("an interface of type 'user' is for an ordinary user's container", "type='network' or 'bridge'");
  if (links.length > 1) throw refuse("an ordinary user's container has one interface at most", 'leave the others out');
  return [planUserNetwork({ name, link: link.spec, guest: link.guest, ports, program: host.userNetwork })];
}

interface UserNetworkRequest {
  readonly name: string;
  readonly link: InterfaceSpec;
  /** Its name inside. */
  readonly guest: string;
  /** Of the host that lead inside. */
  readonly ports: readonly PortSpec[];
  /** Absent: none is installed. */
  readonly program: UserNetworkProgram | undefined;
}

/** Nothing of the host's loopback link is reached from inside, and no port of the host leads inside but those that are named. */
const CLOSED = ['--no-map-gw', '-T', 'none', '-U', 'none'];

/**
 * The program and its arguments.
 *
 * @throws CtrError CTR_MISSING_PROGRAM, CTR_UNSUPPORTED for what it cannot do
 */
function planUserNetwork(request: UserNetworkRequest): OpOf<'user-network'> {
  const { name, program } = request;
  if (program === undefined) {
    throw new CtrError(
      'CTR_MISSING_PROGRAM',
      `cannot start '${name}': its interface needs pasta or slirp4netns, and neither is installed`,
      { hint: 'apt-get install passt; or <privnet/> instead of <interface>: a network with no way out' },
    );
  }
  refuseForeign(request);
  const args = program.kind === 'pasta' ? pastaArgs(request) : slirpArgs(request);
  return { op: 'user-network', program: program.path, args: Buffer.from(args.map((arg) => `${arg}\0`).join('')) };
}

/** What a link of the host would do, and no program of a user does. */
function refuseForeign({ name, link }: UserNetworkRequest): void {
  const asked =
    link.linkState === 'down'
      ? 'is to stay down'
      : link.routes.some(({ prefix }) => prefix !== 0)
        ? 'has a route that is not the default one'
        : link.ips.some(({ peer }) => peer !== undefined)
          ? 'has the address of a peer'
          : undefined;
  if (asked === undefined) return;
  throw new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': its interface ${asked}, which needs root`, {
    hint: 'sudo ctr start, or leave it out',
  });
}

/** passt(1). In the foreground it is the monitor's child, and writes its pid when all is set up. */
function pastaArgs({ link, guest, ports }: UserNetworkRequest): string[] {
  return [
    ...['--foreground', '--quiet', '--config-net', '--pid', '@READY@'],
    ...['--ns-ifname', guest],
    ...(link.mtu === undefined ? [] : ['--mtu', `${link.mtu}`]),
    ...addressArgs(link),
    ...CLOSED,
    ...(['tcp', 'udp'] as const).flatMap((protocol) => portArgs(ports, protocol)),
    ...['--userns', '/proc/@PID@/ns/user', '--netns', '/proc/@PID@/ns/net'],
  ];
}

/** Absent: those of the host's link with the default route. */
function addressArgs({ ips, routes }: InterfaceSpec): string[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const ip = ips.find((one) => one.family === family);
    const gateway = routes.find((one) => one.family === family && one.prefix === 0)?.gateway;
    return [
      ...(ip === undefined ? [] : ['--address', ip.address]),
      ...(ip === undefined || family === 'ipv6' ? [] : ['--netmask', `${ip.prefix}`]),
      ...(gateway === undefined ? [] : ['--gateway', gateway]),
    ];
  });
}

function portArgs(ports: readonly PortSpec[], protocol: PortSpec['protocol']): string[] {
  const option = protocol === 'tcp' ? '-t' : '-u';
  const own = ports.filter((port) => port.protocol === protocol);
  return own.length === 0
    ? [option, 'none']
    : own.flatMap(({ address, host, container }) => [
        option,
        `${address === undefined ? '' : `${address}/`}${host}:${container}`,
      ]);
}

/** slirp4netns(1): 10.0.2.100, behind 10.0.2.2, which is no way to the host's loopback link. */
function slirpArgs({ name, link, guest, ports }: UserNetworkRequest): string[] {
  if (ports.length > 0 || link.ips.length > 0)
    throw new CtrError(
      'CTR_UNSUPPORTED',
      `cannot start '${name}': slirp4netns gives no ${ports.length > 0 ? 'port of the host' : 'address of its own'}`,
      { hint: 'apt-get install passt: pasta does' },
    );
  return [
    ...['--configure', `--mtu=${link.mtu ?? 65520}`, '--disable-host-loopback', '--enable-sandbox', '--enable-seccomp'],
    ...[
      '--ready-fd=3',
      '--exit-fd=4',
      '--userns-path=/proc/@PID@/ns/user',
      '--netns-type=path',
      '/proc/@PID@/ns/net',
      guest,
    ],
  ];
}
