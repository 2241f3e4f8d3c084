/** Who runs ctr without being root: his ids, and what the host gives to him. */
import { accessSync, constants } from 'node:fs';
import { userInfo } from 'node:os';
import { CtrError } from '../errors.js';
import type { OrdinaryUser } from './host-facts.js';
import { readOwnSubids, type SubidOwner } from './subid.js';

/** Where native/id-programs.c looks for them. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/run/wrappers/bin'];

/** Undefined for root. */
export function currentUser(): SubidOwner | undefined {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return undefined;
  const gid = process.getegid?.() ?? 0;
  try {
    return { uid, gid, name: userInfo().username };
  } catch {
    return { uid, gid };
  }
}

/**
 * The user with his subordinate ids; undefined for root.
 *
 * @throws CtrError CTR_UNSUPPORTED when /etc/subuid or /etc/subgid is broken for him, CTR_MISSING_PROGRAM without the programs that
 *   map what they give
 */
export function readOrdinaryUser(): OrdinaryUser | undefined {
  const user = currentUser();
  if (user === undefined) return undefined;
  const subordinate = readOwnSubids(user);
  if (subordinate.uid.length > 0) for (const program of ['newuidmap', 'newgidmap']) requireProgram(program);
  return { uid: user.uid, gid: user.gid, subordinate };
}

function requireProgram(program: string): void {
  if (FOLDERS.some((folder) => isExecutable(`${folder}/${program}`))) return;
  throw new CtrError(
    'CTR_MISSING_PROGRAM',
    `cannot use the ids of '/etc/subuid': the program '${program}', which maps them, is missing`,
    { hint: 'apt-get install uidmap' },
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
