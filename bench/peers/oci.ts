/** crun and runc: the runtime's own default configuration, with our root and program. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../place.js';
import type { Argv } from '../stopwatch.js';
import type { Bench, Peer } from './peer.js';

/** Of what `spec` writes, that which is changed here. */
interface Config {
  process: { terminal: boolean; args: string[] };
  root: { path: string; readonly: boolean };
}

export function makeOciRuntime(bench: Bench, program: 'crun' | 'runc'): Peer {
  const { place, stopwatch } = bench;
  const runtime = [program, '--root', join(place.volatile, program)];
  /** Bundles by program, made when first asked for. */
  const bundles = new Map<string, string>();

  function bundleOf(args: Argv): string {
    const known = bundles.get(args.join(' '));
    if (known !== undefined) return known;
    const bundle = join(place.scratch, `${program}-${bundles.size}`);
    const file = join(bundle, 'config.json');
    mkdirSync(bundle);
    run(place, [program, 'spec'], bundle);
    const config = JSON.parse(readFileSync(file, 'utf8')) as Config;
    config.process.terminal = false;
    config.process.args = [...args];
    config.root = { path: bench.plain.path, readonly: false };
    writeFileSync(file, JSON.stringify(config));
    bundles.set(args.join(' '), bundle);
    return bundle;
  }

  return {
    name: program,
    program,
    root: bench.plain,
    oneShot: () => [...runtime, 'run', '--bundle', bundleOf(['/bin/true']), place.tag],
    define: (_, init) => void bundleOf(init),
    start: async (name, init) => ({
      ms: await stopwatch.run([...runtime, 'run', '--detach', '--bundle', bundleOf(init), name]),
    }),
    attach: (box) => [...runtime, 'exec', box.name, '/bin/true'],
    /** The runtime only signals: who stops a container waits, and then tells it to clean up. */
    async stop(box) {
      const asked = await stopwatch.run([...runtime, 'kill', box.name, 'SIGTERM']);
      const ended = await stopwatch.end(0, box.init);
      return asked + ended + (await stopwatch.run([...runtime, 'delete', box.name]));
    },
    destroy: (box) => stopwatch.run([...runtime, 'delete', '--force', box.name]),
    forget(names) {
      const known = run(place, [...runtime, 'list', '--quiet']).split('\n');
      for (const name of names.filter((name) => known.includes(name)))
        run(place, [...runtime, 'delete', '--force', name]);
    },
  };
}
