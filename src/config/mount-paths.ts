/** Paths that no mount may have, whatever format they are written in. Pure. */
import { posix } from 'node:path';
import { quote } from './display-text.js';
import type { FilesystemSpec } from './spec.js';

/** proc(5): what these links lead to says the process that follows them, not their text. */
const MAGIC_LINK =
  /^\/proc\/(?:self|thread-self|\d+)(?:\/task\/\d+)?\/(?:(?:cwd|exe|root)(?=\/|$)|(?:fd|ns|map_files)\/[^/]+)/;

/** Links of /dev into /proc/self/fd. */
const DESCRIPTOR = /^\/dev\/(?:fd\/[^/]+|stdin|stdout|stderr)/;

/** Why a path of the host is no source: it is not what it was when the text was written (CVE-2024-21626). Undefined for others. */
export function magicLinkReason(path: string): string | undefined {
  const clean = posix.resolve('/', path);
  const [link] = MAGIC_LINK.exec(clean) ?? DESCRIPTOR.exec(clean) ?? [];
  return link === undefined ? undefined : `must not lead through ${quote(link)}, a magic link`;
}

/** Files of /proc that stand-ins like lxcfs replace; all else there is the runtime's. */
const REPLACEABLE = /^\/proc\/(?:cpuinfo|diskstats|loadavg|meminfo|slabinfo|stat|swaps|uptime)$/;

/** Why nothing may be mounted there: what is written to /proc would go elsewhere (CVE-2019-16884, CVE-2023-28642). */
function reservedTargetReason(filesystem: FilesystemSpec): string | undefined {
  const path = posix.resolve('/', filesystem.target);
  // What hides more is no harm, and a file system of the kernel has its own place there.
  const hides = filesystem.type === 'inaccessible' || ('source' in filesystem && filesystem.source === '/dev/null');
  if (!path.startsWith('/proc/') || REPLACEABLE.test(path) || hides || filesystem.type === 'special') return undefined;
  return "must not be below '/proc': ctr mounts it itself";
}

/** The paths of the host that a file system is made of. */
function sourcesOf(filesystem: FilesystemSpec): readonly string[] {
  switch (filesystem.type) {
    case 'mount':
    case 'block':
    case 'file':
      return [filesystem.source];
    case 'overlay':
      return [...filesystem.lowers, filesystem.upper ?? '/'].filter((path) => path.startsWith('/'));
    default:
      return [];
  }
}

export interface MountFault {
  readonly part: 'source' | 'target';
  /** Completes "the source", "the target". */
  readonly reason: string;
}

/** Why no start may mount it. */
export function findMountFault(filesystem: FilesystemSpec): MountFault | undefined {
  const target = reservedTargetReason(filesystem);
  if (target !== undefined) return { part: 'target', reason: target };
  const source = sourcesOf(filesystem)
    .map((path) => magicLinkReason(path))
    .find((reason) => reason !== undefined);
  return source === undefined ? undefined : { part: 'source', reason: source };
}
