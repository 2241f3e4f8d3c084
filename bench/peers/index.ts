/** Who is measured, in the order of the tables. */
import { findProgram } from '../roots.js';
import { makeCtr } from './ctr.js';
import { makeLxc } from './lxc.js';
import { makeOciRuntime } from './oci.js';
import type { Bench, Peer } from './peer.js';
import { makeBubblewrap, makeFloor, makeNspawn, makeUnshare } from './simple.js';

export type { Bench, Box, Peer } from './peer.js';

export interface Peers {
  /** floor first, ctr second: they are always measured. */
  readonly present: readonly Peer[];
  /** Names of those that were asked for and are not installed. */
  readonly absent: readonly string[];
}

/** @param wanted names, undefined: all. @throws Error when a name is unknown */
export function choosePeers(bench: Bench, wanted: readonly string[] | undefined): Peers {
  const others = [
    makeUnshare(bench),
    makeBubblewrap(bench),
    makeOciRuntime(bench, 'crun'),
    makeOciRuntime(bench, 'runc'),
    makeLxc(bench),
    makeNspawn(bench),
  ];
  const own = [makeFloor(bench), makeCtr(bench)];
  const known = [...own, ...others].map((peer) => peer.name);
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--peers '${unknown}' is none of ${known.join(', ')}`);
  const chosen = others.filter((peer) => wanted?.includes(peer.name) ?? true);
  const isPresent = (peer: Peer) => findProgram(peer.program) !== undefined;
  return {
    present: [...own, ...chosen.filter(isPresent)],
    absent: chosen.filter((peer) => !isPresent(peer)).map((peer) => peer.name),
  };
}
