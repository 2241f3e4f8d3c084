/** Peers whose command stays as long as the container: floor, unshare, bubblewrap, systemd-nspawn. */
import { constants } from 'node:os';
import type { Argv } from '../stopwatch.js';
import type { Bench, Box, Peer } from './peer.js';

interface Recipe {
  readonly name: string;
  readonly program: string;
  readonly oneShot: Argv;
  start(name: string, init: Argv): Argv;
  /** Who is asked to stop. */
  readonly asked?: 'init' | 'front';
}

const { SIGTERM, SIGKILL } = constants.signals;

/** A start is over when process 1 runs, an end when the command is gone. */
export function makeForegroundPeer(bench: Bench, recipe: Recipe): Peer {
  const front = (box: Box) => box.front ?? box.init;
  return {
    name: recipe.name,
    program: recipe.program,
    root: bench.plain,
    oneShot: () => recipe.oneShot,
    async start(name, init) {
      const { pid, ms } = await bench.stopwatch.start(recipe.start(name, init), bench.plain.mark);
      return { ms, front: pid };
    },
    stop: (box) => bench.stopwatch.end(SIGTERM, recipe.asked === 'front' ? front(box) : box.init, front(box)),
    destroy: (box) => bench.stopwatch.end(SIGKILL, box.init, front(box)),
  };
}
