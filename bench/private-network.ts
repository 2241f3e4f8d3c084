/** A network namespace of the bench's own that stands for the host, one link away from another one, the world. */
import { join } from 'node:path';
import { type Place, succeeds } from './place.js';
import { type Argv, Stopwatch } from './stopwatch.js';

/** From the range for documentation, RFC 5737. */
export const WORLD = { address: '198.51.100.1', port: 81 } as const;

export interface PrivateNetwork {
  /** Of commands on that host. */
  readonly stopwatch: Stopwatch;
  /** argv that runs there, and argv that runs in the world. */
  readonly inside: (argv: Argv) => Argv;
  readonly inWorld: (argv: Argv) => Argv;
}

/** sysfs shows the namespace that mounts it; the cgroups below it are everybody's. The names of `ip netns` are in a /run of its own. */
const SETUP = `set -e
mkdir "$1"
mount --rbind /sys/fs/cgroup "$1"
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
mount --rbind "$1" /sys/fs/cgroup
umount -R "$1"
ip link set lo up
ip netns add world
ip link add up0 type veth peer name eth0 netns world
ip addr add 198.51.100.2/24 dev up0
ip link set dev up0 up
ip route add default via ${WORLD.address}
ip -n world addr add ${WORLD.address}/24 dev eth0
ip -n world link set dev lo up
ip -n world link set dev eth0 up
ip netns exec world sysctl -qw net.core.somaxconn=4096
shift
exec "$@"`;

/** Undefined where the host lacks ip(8) or unshare(1). The stopwatch ends it with all that is in it. */
export function makePrivateNetwork(place: Place, name: string): PrivateNetwork | undefined {
  if (!succeeds(place, ['ip', '-V']) || !succeeds(place, ['unshare', '--version'])) return undefined;
  const inner = ['sh', '-c', SETUP, 'sh', join(place.scratch, `cgroups-${name}`), join(place.tools, 'stopwatch')];
  const before = ['unshare', '--net', '--mount', '--propagation', 'private', ...inner];
  const stopwatch = new Stopwatch(before, join(place.scratch, `stderr-${name}`), place.env);
  const inside = (argv: Argv) => ['nsenter', '-t', String(stopwatch.pid), '--net', '--mount', '--', ...argv];
  return { stopwatch, inside, inWorld: (argv) => inside(['ip', 'netns', 'exec', 'world', ...argv]) };
}
