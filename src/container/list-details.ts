/** list --fancy: what `list` says, with how each is set up, how it can be reached and what it uses. */
import { type NetAddress, readAddresses, sharesNetwork } from '../network/read-net.js';
import { openPaths } from './context.js';
import { compareNames, eachListed, type ListEntry, type ListOptions } from './list.js';
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
  const readUse = openUse();
  const looked: { entry: ListEntry; reach: Reach; used: ContainerStats | undefined }[] = [];
  for (const container of eachListed(options)) {
    const { entry, files } = container;
    looked.push({ entry, reach: readReach(entry, files), used: readUse(container) });
  }
  looked.sort((a, b) => compareNames(a.entry, b.entry));
  const setUps = await readSetUps(
    paths,
    looked.map(({ entry }) => entry.name),
  );
  return looked.map(({ entry, reach, used }) => {
    const details = { ...entry, ...setUps.get(entry.name), ...reach };
    return used === undefined ? details : { ...details, stats: rest(used) };
  });
}

type Reach = Pick<ListDetails, 'addresses'>;

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
function readReach({ pid }: ListEntry, files: ReadonlyMap<string, string> | undefined): Reach {
  if (pid === undefined || (!files?.has('dev') && sharesNetwork(pid))) return {};
  return { addresses: readAddresses(pid, files) };
}
