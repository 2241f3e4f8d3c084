/** ctr: user and all other namespaces, limits on memory and processes, started from the compiled container. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Place, run, succeeds } from '../place.js';
import type { Root } from '../roots.js';
import type { Argv } from '../stopwatch.js';
import type { Bench, Peer } from './peer.js';

/** Names of one command line: its length has a limit. */
const AT_ONCE = 250;

export function makeCtr(bench: Bench): Peer {
  const { place, stopwatch, user } = bench;
  const { ctr } = place;
  const hasRun = succeeds(place, [ctr, 'run', '--help']);
  return {
    name: 'ctr',
    program: ctr,
    root: user,
    ...(hasRun ? {} : { noOneShot: 'ctr has no run yet' }),
    oneShot: () => [ctr, 'run', '--rootfs', user.path, '--net', 'none', '--', '/bin/true'],
    define(names, init) {
      const files = names.map((name) => writeDefinition(place, { name, root: user, owner: user.owner, init }));
      for (const some of inParts(files)) run(place, [ctr, 'define', ...some]);
    },
    start: async (name) => ({ ms: await stopwatch.run([ctr, 'start', name]) }),
    attach: (box) => [ctr, 'enter', box.name, '--', '/bin/true'],
    stop: (box) => stopwatch.run([ctr, 'stop', box.name]),
    destroy: (box) => stopwatch.run([ctr, 'destroy', box.name]),
    forget(names) {
      // Some may not run, or not be defined: that is what it is for.
      for (const some of inParts(names)) succeeds(place, [ctr, 'destroy', ...some]);
      for (const name of names) succeeds(place, [ctr, 'undefine', name]);
    },
  };
}

function inParts(words: Argv): string[][] {
  const parts = Array.from({ length: Math.ceil(words.length / AT_ONCE) }, (_, part) => part * AT_ONCE);
  return parts.map((from) => words.slice(from, from + AT_ONCE));
}

interface Definition {
  readonly name: string;
  readonly root: Root;
  /** The host's id of the container's root: another one than the root file system's is mapped. */
  readonly owner: number;
  readonly init: Argv;
  /** Whole elements besides. */
  readonly devices?: string;
}

/** Writes the XML of a container with its own namespaces and limits; its path. */
export function writeDefinition(
  place: Place,
  { name, root, owner, init: [init = '', ...args], devices = '' }: Definition,
): string {
  const folder = join(place.scratch, 'definitions');
  const file = join(folder, `${name}.xml`);
  const ids = `start='0' target='${owner}' count='65536'`;
  const access = owner === root.owner ? 'passthrough' : 'mapped';
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    `<domain type='lxc'>
  <name>${name}</name>
  <metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'><ctr:pids max='256'/></ctr:container></metadata>
  <memory unit='MiB'>64</memory>
  <os><type>exe</type><init>${init}</init>${args.map((arg) => `<initarg>${arg}</initarg>`).join('')}</os>
  <idmap><uid ${ids}/><gid ${ids}/></idmap>
  <features><privnet/></features>
  <devices>
    <filesystem type='mount' accessmode='${access}'><source dir='${root.path}'/><target dir='/'/></filesystem>
    ${devices}
    <console type='pty'/>
  </devices>
</domain>
`,
  );
  return file;
}
