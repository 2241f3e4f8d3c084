/**
 * Names of containers for completion. A look at the directories alone (docs/architecture.md): what `list` reads of each container
 * would be felt at every TAB of a host with a thousand.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isContainerName } from '../config/name.js';
import { openPaths } from '../container/context.js';

/**
 * Sorted names. `running` are those that a start has left a state of; one that lost its monitor is among them, and `stop` takes it.
 * Never throws: what cannot be read has no names.
 */
export function listNamesFor(which: 'running' | 'all'): string[] {
  const { stateDir, runDir } = openPaths({});
  const running = namesWith(runDir, 'state');
  if (which === 'running') return running;
  return [...new Set([...namesWith(stateDir, 'definition'), ...running])].sort();
}

/** Containers below this root that have such a file. */
function namesWith(root: string, file: string): string[] {
  const directory = join(root, 'containers');
  try {
    return readdirSync(directory)
      .filter((name) => isContainerName(name) && existsSync(join(directory, name, file)))
      .sort();
  } catch {
    return [];
  }
}
