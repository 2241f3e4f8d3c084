/** Settings about user namespaces, as the model says them and back. */
import type { AccessMode, ContainerSpec } from '../spec.js';
import { ID_COUNT } from './security-rows.js';
import { type PrivateUsers, type Settings, wantsPrivateUsers } from './settings.js';

type UsersPart = Pick<ContainerSpec, 'idmap' | 'idRange'>;

/** The user namespace. */
export function usersOf({ privateUsers }: Settings): UsersPart {
  switch (privateUsers?.kind) {
    case undefined:
    case 'no':
      return {};
    case 'yes':
      return { idRange: { from: 'owner', count: ID_COUNT } };
    case 'pick':
      return { idRange: { from: 'free', count: ID_COUNT } };
    case 'range': {
      const ranges = [{ inside: 0, outside: privateUsers.base, count: privateUsers.count }];
      return { idmap: { uid: ranges, gid: ranges } };
    }
  }
}

/** What ids on the disk of the root are. With ids of its own choice nspawn changes the owners, else it leaves them. */
export function rootAccessOf(settings: Settings): AccessMode {
  const ownership = settings.ownership ?? (settings.privateUsers?.kind === 'pick' ? 'map' : 'off');
  return wantsPrivateUsers(settings) && ownership !== 'off' ? 'mapped' : 'passthrough';
}

/** Sets what `usersOf` and `rootAccessOf` make of it again, as far as there are words for it. */
export function setUsers(settings: Settings, spec: ContainerSpec): void {
  settings.privateUsers = privateUsersOf(spec);
  const root = spec.filesystems.find(({ target }) => target === '/');
  if (!wantsPrivateUsers(settings) || root?.type !== 'mount') return;
  const byDefault = rootAccessOf(settings);
  if (root.accessMode !== byDefault) settings.ownership = root.accessMode === 'mapped' ? 'map' : 'off';
}

function privateUsersOf({ idmap, idRange }: UsersPart): PrivateUsers | undefined {
  if (idRange !== undefined) return { kind: idRange.from === 'free' ? 'pick' : 'yes' };
  const [uid, ...others] = idmap?.uid ?? [];
  const [gid] = idmap?.gid ?? [];
  const isOne = others.length === 0 && idmap?.gid.length === 1 && uid?.inside === 0 && gid?.inside === 0;
  if (!isOne || uid.outside !== gid.outside || uid.count !== gid.count) return undefined;
  return { kind: 'range', base: uid.outside, count: uid.count };
}
