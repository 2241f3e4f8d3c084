/** Finds the program that connects containers of an ordinary user. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { UserNetworkProgram } from './host-facts.js';

/** Never looked for in PATH: it gets the rights of the container's root over its network namespace. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin'];

/** pasta copies the host's own addresses and is the faster one; slirp4netns has a network of its own behind NAT. */
const KINDS = ['pasta', 'slirp4netns'] as const;

/** The first of both that is installed. */
export function findUserNetwork(folders: readonly string[] = FOLDERS): UserNetworkProgram | undefined {
  for (const kind of KINDS) {
    const path = folders.map((folder) => join(folder, kind)).find(isExecutable);
    if (path !== undefined) return { kind, path };
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
