/** list --fancy: what `list` says, with how each is set up, how it can be reached and what it uses. */
import { type NetAddress, readAddresses, sharesNetwork } from '../network/read-net.js';
import { openPaths } from './context.js';
import { type ListEntry, type ListOptions, listGathered } from './list.js';
import { readSetUps, type SetUp } from './set-ups.js';
import { type ContainerStats, openUse } from './stats.js';

/** What does not apply, or cannot be read, is absent. */
export interface ListDetails extends ListEntry, Partial<SetUp> {
  /** While it runs with a network of its own. */
  readonly addresses?: readonly NetAddress[];
  /** While it runs. */
  readonly stats?: Omit<ContainerStats, 'name' | 'state' | 'pid' | 'since'>;
}

/** As `list`. One that cannot be read has what `list` says of it. */
export async function listDetails(options: ListOptions = {}): Promise<ListDetails[]> {
  const paths = openPaths(options);
  const listed = listGathered(options);
  const setUps = await readSetUps(
    paths,
    listed.map(({ entry }) => entry.name),
  );
  const readUse = openUse();
  return listed.map((container) => {
    const { entry, files } = container;
    const used = readUse(container);
    return {
      ...entry,
      ...setUps.get(entry.name),
      ...readReach(entry, files),
      ...(used === undefined ? {} : { stats: rest(used) }),
    };
  });
}

function rest({
  name: _name,
  state: _state,
  pid: _pid,
  since: _since,
  ...stats
}: ContainerStats): NonNullable<ListDetails['stats']> {
  return stats;
}

/** @param files what the front door has read: `dev` only where the network is its own */
function readReach(
  { pid }: ListEntry,
  files: ReadonlyMap<string, string> | undefined,
): { addresses?: readonly NetAddress[] } {
  if (pid === undefined || (!files?.has('dev') && sharesNetwork(pid))) return {};
  return { addresses: readAddresses(pid, files) };
}
