/** The peers that are one command line. */
import { join } from 'node:path';
import { makeForegroundPeer } from './foreground.js';
import type { Bench, Peer } from './peer.js';

/** Our own program: what the kernel needs for a system container, and nothing else. */
export function makeFloor(bench: Bench): Peer {
  const program = join(bench.place.tools, 'floor');
  const floor = [program, bench.plain.path];
  return makeForegroundPeer(bench, {
    name: 'floor',
    program,
    oneShot: [...floor, '/bin/true'],
    start: (_, init) => [...floor, ...init],
  });
}

/** unshare(1): the namespaces, /proc, and no /dev. */
export function makeUnshare(bench: Bench): Peer {
  const namespaces = ['--fork', '--pid', '--mount', '--uts', '--ipc', '--net', '--mount-proc', '--kill-child'];
  const unshare = ['unshare', ...namespaces, `--root=${bench.plain.path}`];
  return makeForegroundPeer(bench, {
    name: 'unshare',
    program: 'unshare',
    oneShot: [...unshare, '/bin/true'],
    start: (_, init) => [...unshare, ...init],
  });
}

/** bubblewrap(1). */
export function makeBubblewrap(bench: Bench): Peer {
  const mounts = ['--bind', bench.plain.path, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/run'];
  const namespaces = ['--unshare-pid', '--unshare-uts', '--unshare-ipc', '--unshare-net', '--hostname', 'bench'];
  const bwrap = ['bwrap', ...mounts, ...namespaces];
  return makeForegroundPeer(bench, {
    name: 'bwrap',
    program: 'bwrap',
    oneShot: [...bwrap, '/bin/true'],
    start: (_, init) => [...bwrap, '--as-pid-1', '--cap-add', 'ALL', ...init],
  });
}

/** systemd-nspawn(1), with no machined, no unit and no file of the host copied in. */
export function makeNspawn(bench: Bench): Peer {
  const alone = ['--quiet', '--register=no', '--keep-unit', '--private-network', '--link-journal=no'];
  const nspawn = ['systemd-nspawn', ...alone, '--resolv-conf=off', '--timezone=off', '-D', bench.plain.path];
  return makeForegroundPeer(bench, {
    name: 'nspawn',
    program: 'systemd-nspawn',
    oneShot: [...nspawn, '--pipe', '-M', bench.place.tag, '/bin/true'],
    start: (name, init) => [...nspawn, '--kill-signal=SIGTERM', '--console=pipe', '-M', name, ...init],
    asked: 'front',
  });
}
