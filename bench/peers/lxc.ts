/** LXC: lxc-execute for one command, lxc-start for a system container. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from '../stopwatch.js';
import type { Bench, Peer } from './peer.js';

export function makeLxc(bench: Bench): Peer {
  const { place, stopwatch, plain } = bench;
  const containers = join(place.scratch, 'lxc');
  const config = join(place.scratch, 'lxc.conf');
  const common = (name: string): Argv => ['-P', containers, '-n', name];
  return {
    name: 'lxc',
    program: 'lxc-start',
    root: plain,
    oneShot: () => ['lxc-execute', ...common(place.tag), '-f', writeConfig(), '--', '/bin/true'],
    define: () => void writeConfig(),
    start: async (name, init) => ({
      ms: await stopwatch.run([
        'lxc-start',
        '-d',
        ...common(name),
        '-f',
        config,
        '-s',
        `lxc.init.cmd=${init.join(' ')}`,
      ]),
    }),
    attach: (box) => ['lxc-attach', ...common(box.name), '--', '/bin/true'],
    stop: (box) => stopwatch.run(['lxc-stop', ...common(box.name)]),
    destroy: (box) => stopwatch.run(['lxc-stop', ...common(box.name), '-k']),
  };

  /** What its own common configuration asks for, no network, no terminals. */
  function writeConfig(): string {
    const lines = [
      `lxc.rootfs.path = dir:${plain.path}`,
      'lxc.uts.name = bench',
      'lxc.net.0.type = empty',
      'lxc.apparmor.profile = unconfined',
      'lxc.mount.auto = proc:mixed sys:ro cgroup:mixed',
      'lxc.autodev = 1',
      'lxc.pty.max = 1024',
      'lxc.tty.max = 0',
      'lxc.console.path = none',
    ];
    mkdirSync(containers, { recursive: true });
    writeFileSync(config, `${lines.join('\n')}\n`);
    return config;
  }
}
