/** What is measured: a way to start, enter and end containers. */
import type { Place } from '../place.js';
import type { Inits, Root } from '../roots.js';
import type { Argv, Stopwatch } from '../stopwatch.js';

/** What peers work with. */
export interface Bench {
  readonly place: Place;
  readonly stopwatch: Stopwatch;
  readonly plain: Root;
  readonly user: Root;
  readonly inits: Inits;
}

/** A running container. */
export interface Box {
  readonly name: string;
  /** Its process 1, as the host sees it. */
  readonly init: number;
  /** The peer's process that stays in the foreground, where it does not return. */
  readonly front?: number;
}

/** Every operation gives the milliseconds until the user could go on: the command returned, or what it stands for is done. */
export interface Peer {
  readonly name: string;
  /** The program that must be installed; an absolute path is ours. */
  readonly program: string;
  readonly root: Root;
  /** Why it cannot run /bin/true in a new container here; undefined: it can. */
  readonly noOneShot?: string;
  /** /bin/true in a new container, until the command returns. */
  oneShot?(): Argv;
  /** Makes containers known before they start; not measured. */
  define?(names: Argv, init: Argv): void;
  start(name: string, init: Argv): Promise<{ ms: number; front?: number }>;
  /** /bin/true in a running container. */
  attach?(box: Box): Argv;
  /** Graceful: until the container is gone. */
  stop(box: Box): Promise<number>;
  /** Forced: until the container is gone. */
  destroy(box: Box): Promise<number>;
  /** Removes what is left of containers, dead or alive; not measured. */
  forget?(names: Argv): void;
}
