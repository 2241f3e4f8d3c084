/** LXC: lxc-execute for one command, lxc-start for a system container. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Root } from '../roots.js';
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

  function writeConfig(): string {
    mkdirSync(containers, { recursive: true });
    writeFileSync(config, formatLxcConfig(plain, ['lxc.net.0.type = empty']));
    return config;
  }
}

/** What its own common configuration asks for, and this network; no terminals. */
export function formatLxcConfig(root: Root, network: readonly string[]): string {
  const lines = [
    `lxc.rootfs.path = dir:${root.path}`,
    'lxc.uts.name = bench',
    ...network,
    'lxc.apparmor.profile = unconfined',
    'lxc.mount.auto = proc:mixed sys:ro cgroup:mixed',
    'lxc.autodev = 1',
    'lxc.pty.max = 1024',
    'lxc.tty.max = 0',
    'lxc.console.path = none',
  ];
  return `${lines.join('\n')}\n`;
}
