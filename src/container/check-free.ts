/** Whether a name and a uuid are free for a definition. */
import type { ContainerSpec } from '../config/index.js';
import { CtrError } from '../errors.js';
import type { ContainerRecord } from '../state/container-record.js';
import { isDefined, listNames, readContainerRecord } from '../state/store.js';
import type { Paths } from '../system/paths.js';

export interface Replaced {
  /** An older definition is replaced. */
  readonly replaced: boolean;
  /** Its record, where that is readable. */
  readonly old?: ContainerRecord;
}

/**
 * Whether an older definition is replaced: by a text with its uuid, or when that is asked for.
 *
 * @throws CtrError CTR_EXISTS. The caller holds the lock of the definitions
 */
export function checkFree(
  paths: Paths,
  spec: ContainerSpec,
  { replace = false }: { readonly replace?: boolean | undefined } = {},
): Replaced {
  const { name, uuid } = spec;
  const other = uuid === undefined ? undefined : findByUuid(paths, uuid, name);
  if (other !== undefined) {
    throw new CtrError('CTR_EXISTS', `cannot define '${name}': its uuid ${uuid} is that of '${other}'`, {
      hint: 'leave <uuid> out, and a new one is made',
    });
  }
  if (!isDefined(paths, name)) return { replaced: false };
  const record = readContainerRecord(paths, name);
  const old = record !== undefined && !('unreadable' in record) ? record : undefined;
  if (!replace && (uuid === undefined || uuid !== old?.uuid)) throw nameTaken(name, old?.uuid);
  return old === undefined ? { replaced: true } : { replaced: true, old };
}

function nameTaken(name: string, uuid: string | undefined): CtrError {
  const owner = uuid === undefined ? '' : `, by uuid ${uuid}`;
  return new CtrError('CTR_EXISTS', `cannot define '${name}': the name is taken${owner}`, {
    hint: `--replace puts this one in its place, or: ctr undefine ${name}`,
  });
}

function findByUuid(paths: Paths, uuid: string, except: string): string | undefined {
  return listNames(paths.stateDir).find((name) => {
    if (name === except) return false;
    const record = readContainerRecord(paths, name);
    return record !== undefined && !('unreadable' in record) && record.uuid === uuid && isDefined(paths, name);
  });
}
