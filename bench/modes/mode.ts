/** What modes share: the peers that take part, idle time, and what happens when a peer fails. */
import { setTimeout } from 'node:timers/promises';
import type { Options } from '../options.js';
import type { Bench, Peer, Peers } from '../peers/index.js';
import { findInits } from '../processes.js';
import type { Series } from '../report/metric.js';
import { type Argv, CommandFailure } from '../stopwatch.js';

export interface Run {
  readonly bench: Bench;
  readonly peers: Peers;
  readonly options: Options;
  /** Tells a person who waits what is going on. */
  readonly say: (text: string) => void;
}

const MOST_FAILURES = 3;

/** Gathers values by metric and peer, in the order in which they come. */
export class Tally {
  readonly #values = new Map<string, number[]>();
  readonly #failures = new Map<string, string[]>();
  readonly #skipped = new Map<string, string>();

  add(metric: string, who: string, ...values: number[]): void {
    const key = `${metric} ${who}`;
    this.#values.set(key, [...(this.#values.get(key) ?? []), ...values]);
  }

  fail(who: string, why: string): void {
    this.#failures.set(who, [...(this.#failures.get(who) ?? []), why]);
  }

  /** Whom the host or the peer itself does not let take part. */
  skip(who: string, why: string): void {
    this.#skipped.set(who, why);
  }

  /** Whether a peer has failed so often that it is left out. */
  isGivenUp(who: string): boolean {
    return (this.#failures.get(who)?.length ?? 0) >= MOST_FAILURES;
  }

  /** A row for each of `whos` that has values or a failure, then the absent ones. */
  series(metric: string, whos: Argv, absent: Argv = []): Series[] {
    const rows = whos.flatMap((who): Series[] => {
      const values = this.#values.get(`${metric} ${who}`) ?? [];
      const failures = this.#failures.get(who) ?? [];
      const skipped = this.#skipped.get(who);
      const failed = failures.length === 0 ? undefined : `failed ${failures.length} ×: ${failures[0]}`;
      const note = skipped === undefined ? failed : `left out: ${skipped}`;
      if (values.length === 0 && note === undefined) return [];
      return [note === undefined ? { who, values } : { who, values, note }];
    });
    return [...rows, ...absent.map((who): Series => ({ who, values: [], note: 'not installed' }))];
  }
}

/** Measures cold what is asked for cold. */
export async function waitIdle({ options }: Run): Promise<void> {
  if (options.idleMs > 0) await setTimeout(options.idleMs);
}

/** Runs a step of one peer. When a command fails, what it left is ended, and the peer has a failure more. */
export async function attempt(
  run: Run,
  tally: Tally,
  peer: Peer,
  names: Argv,
  step: () => Promise<void>,
): Promise<void> {
  if (tally.isGivenUp(peer.name)) return;
  try {
    await step();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    tally.fail(peer.name, error.message);
    await sweep(run, peer, names);
  }
}

/** Ends every container of a peer's root. */
export async function sweep({ bench }: Run, peer: Peer, names: Argv): Promise<void> {
  for (const { pid } of findInits(peer.root)) await bench.stopwatch.end(9, pid);
  peer.forget?.(names);
}

export function describeIdle({ options }: Run): string {
  return options.idleMs > 0 ? `${options.idleMs} ms idle before each` : 'no idle time before';
}
