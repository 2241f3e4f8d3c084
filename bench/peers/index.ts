/** Who is measured, in the order of the tables. */
import { PEERS, type PeerName } from '../options.js';
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

/** @param wanted which of the others; undefined: all */
export function choosePeers(bench: Bench, wanted: readonly PeerName[] | undefined): Peers {
  const others: Record<PeerName, Peer> = {
    unshare: makeUnshare(bench),
    bwrap: makeBubblewrap(bench),
    crun: makeOciRuntime(bench, 'crun'),
    runc: makeOciRuntime(bench, 'runc'),
    lxc: makeLxc(bench),
    nspawn: makeNspawn(bench),
  };
  const chosen = PEERS.filter((name) => wanted?.includes(name) ?? true).map((name) => others[name]);
  const isPresent = (peer: Peer) => findProgram(peer.program) !== undefined;
  return {
    present: [makeFloor(bench), makeCtr(bench), ...chosen.filter(isPresent)],
    absent: chosen.filter((peer) => !isPresent(peer)).map((peer) => peer.name),
  };
}
