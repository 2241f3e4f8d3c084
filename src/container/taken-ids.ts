/** Host ids that a new container does not get, and those that a definition asks for. */
import { lstatSync } from 'node:fs';
import type { ContainerSpec, IdRangeRequest } from '../config/index.js';
import { CtrError } from '../errors.js';
import type { ContainerRecord } from '../state/container-record.js';
import { readRunIds } from '../state/run-slots.js';
import { listNames, readContainerRecord } from '../state/store.js';
import { readOrdinaryUser } from '../system/ordinary-user.js';
import type { Paths } from '../system/paths.js';
import { readSettings } from '../system/read-settings.js';
import type { Settings } from '../system/settings-rows.js';
import { readSubids } from '../system/subid.js';
import { rootOf } from './check-startable.js';
import { chooseIdRange, type HostIds } from './choose-id-range.js';
import { chooseUserIds, type UserIds } from './choose-user-ids.js';

/** Whose ids do not count: a container, or a slot of runs. */
interface Except {
  readonly name?: string | undefined;
  readonly slot?: number;
}

/** Ids of every container, defined or with storage left, and of the slots of runs. */
function containerIds(paths: Paths, except: Except): HostIds[] {
  const ranges = listNames(paths.stateDir)
    .filter((name) => name !== except.name)
    .flatMap((name) => {
      const record = readContainerRecord(paths, name);
      return record === undefined || 'unreadable' in record ? [] : record.idRanges;
    });
  return [...ranges, ...readRunIds(paths, except.slot)];
}

/**
 * Ids for a new container, of users and of groups: root's are those of nobody else on this host, an ordinary user's are his own.
 *
 * @throws CtrError CTR_UNSUPPORTED, CTR_MISSING_PROGRAM
 */
export function chooseIds(paths: Paths, settings: Settings, except: Except = {}, count?: number): UserIds {
  const user = readOrdinaryUser();
  const taken = containerIds(paths, except);
  if (user !== undefined) return chooseUserIds(user, taken);
  const options = count === undefined ? settings : { ...settings, count };
  const ids = chooseIdRange([...taken, ...readSubids()], options);
  return { uid: ids, gid: ids, isShared: false };
}

/** As a record has them: one range where users and groups have the same. */
function rangesOf({ uid, gid }: UserIds): HostIds[] {
  return uid.outside === gid.outside && uid.count === gid.count ? [uid] : [uid, gid];
}

/**
 * Host ids that a definition uses, users and groups alike; those that it leaves to ctr are chosen. The caller holds the lock of the
 * definitions.
 *
 * @param old record of the definition that is replaced: what is on disk belongs to its ids
 * @throws CtrError CTR_UNSUPPORTED, CTR_IO
 */
export function hostIdRanges(paths: Paths, spec: ContainerSpec, old?: ContainerRecord): ContainerRecord['idRanges'] {
  const { idRange, idmap } = spec;
  if (idRange === undefined) {
    return [...(idmap?.uid ?? []), ...(idmap?.gid ?? [])].map(({ outside, count }) => ({ outside, count }));
  }
  if (idRange.from === 'owner') return [idsOfOwner(spec, idRange)];
  const kept = old?.idRanges;
  if (kept?.length === 1 && kept[0]?.count === idRange.count) return kept;
  return rangesOf(chooseIds(paths, readSettings(), { name: spec.name }, idRange.count));
}

/** The first id is the owner's without its lower half, of which 65536 make a range (systemd-nspawn(1), --private-users=yes). */
const RANGE_STEP = 65536;

function idsOfOwner(spec: ContainerSpec, { count }: IdRangeRequest): HostIds {
  const root = rootOf(spec);
  const stat = lstatSync(root, { throwIfNoEntry: false });
  const fail = (reason: string) => {
    const message = `cannot choose host ids for '${spec.name}': root file system '${root}' ${reason}`;
    return new CtrError('CTR_UNSUPPORTED', message, { hint: "'PrivateUsers=pick' has ctr choose free ids" });
  };
  if (stat === undefined) throw fail('does not exist');
  const outside = stat.uid - (stat.uid % RANGE_STEP);
  if (stat.gid - (stat.gid % RANGE_STEP) !== outside) throw fail(`belongs to user ${stat.uid} and group ${stat.gid}`);
  return { outside, count };
}

/** The model with the ids that the record has for it. @throws CtrError CTR_BAD_STATE */
export function withChosenIds(spec: ContainerSpec, { idRanges }: Pick<ContainerRecord, 'idRanges'>): ContainerSpec {
  if (spec.idRange === undefined) return spec;
  const [users, groups = users] = idRanges;
  if (users === undefined || groups === undefined) {
    throw new CtrError('CTR_BAD_STATE', `cannot read container '${spec.name}': its record has no host ids`, {
      hint: `ctr undefine ${spec.name}, then define it again`,
    });
  }
  const { idRange: _chosen, ...rest } = spec;
  return { ...rest, idmap: { uid: [{ inside: 0, ...users }], gid: [{ inside: 0, ...groups }] } };
}
