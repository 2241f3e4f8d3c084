/** What `npm run bench -- …` is asked to do. */
import { parseArgs } from 'node:util';

export const MODES = ['command-line', 'helper', 'one-shot', 'start', 'density', 'throughput', 'network'] as const;
export type Mode = (typeof MODES)[number];

/** With whom ctr can be compared; floor and ctr itself are always measured. */
export const PEERS = ['unshare', 'bwrap', 'crun', 'runc', 'lxc', 'nspawn'] as const;
export type PeerName = (typeof PEERS)[number];

export interface Options {
  readonly modes: readonly Mode[];
  /** Names of peers; undefined: all that are installed (for density the few that are worth the time). */
  readonly peers: readonly PeerName[] | undefined;
  /** How often each command is measured, interleaved with those of the others. */
  readonly rounds: number;
  /** Containers of the density mode. */
  readonly containers: number;
  /** Idle time before each measured command, ms. */
  readonly idleMs: number;
  /** For how long the monitors are watched doing nothing, ms. */
  readonly watchMs: number;
}

export const USAGE = `usage: npm run bench -- [options]

  --mode A,B       which: ${MODES.join(', ')} (all)
  --peers A,B      with whom to compare: ${PEERS.join(', ')}
                   (all that are installed; density: crun, lxc)
  --rounds N       interleaved rounds (8)
  --n N            containers of the density mode (100)
  --idle MS        idle before each command: 0 is warm (150)
  --quick          3 rounds, 20 containers: whether it works, not how fast
  --full           20 rounds, 1000 containers, idle monitors watched for 60 s
`;

const SIZES = {
  usual: { rounds: 8, containers: 100, watchMs: 6_000 },
  quick: { rounds: 3, containers: 20, watchMs: 3_000 },
  full: { rounds: 20, containers: 1000, watchMs: 60_000 },
};

/** @throws Error with what is wrong */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mode: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      n: { type: 'string' },
      idle: { type: 'string' },
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  if (values.quick === true && values.full === true) throw new Error('--quick and --full exclude each other');
  const size = values.quick === true ? SIZES.quick : values.full === true ? SIZES.full : SIZES.usual;
  return {
    modes: parseList('--mode', values.mode, MODES) ?? MODES,
    peers: parseList('--peers', values.peers, PEERS),
    rounds: parseCount('--rounds', values.rounds, 1) ?? size.rounds,
    containers: parseCount('--n', values.n, 1) ?? size.containers,
    idleMs: parseCount('--idle', values.idle, 0) ?? 150,
    watchMs: size.watchMs,
  };
}

function parseList<T extends string>(option: string, text: string | undefined, known: readonly T[]): T[] | undefined {
  return text
    ?.split(',')
    .filter((word) => word !== '')
    .map((word) => {
      const found = known.find((one) => one === word);
      if (found === undefined) throw new Error(`${option} '${word}' is none of ${known.join(', ')}`);
      return found;
    });
}

function parseCount(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!/^\d{1,5}$/.test(text) || count < least)
    throw new Error(`${option} needs a number from ${least}, not '${text}'`);
  return count;
}
