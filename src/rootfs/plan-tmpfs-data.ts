import { CtrError } from '../errors.js';

/** How ids inside are ids of the host. */
export interface InsideIds {
  /** The container's root as the host sees it, which owns new file systems; undefined without a user namespace. */
  readonly root: { readonly uid: number; readonly gid: number } | undefined;
  /** The host's id, or undefined when it is not mapped. */
  readonly mapUid: (inside: number) => number | undefined;
  readonly mapGid: (inside: number) => number | undefined;
}

/** Options that give a new file system to root inside. */
export function ownerOptions({ root }: InsideIds): string[] {
  return root === undefined ? [] : [`uid=${root.uid}`, `gid=${root.gid}`];
}

/**
 * The options of a tmpfs or devpts as who mounts it from outside must write them: `uid=` and `gid=` as ids of the host.
 *
 * @throws CtrError CTR_BAD_CONFIG on an id that is no number, or not mapped
 */
export function translateIds(data: string, target: string, ids: InsideIds): string[] {
  return data
    .split(',')
    .filter((option) => option !== '')
    .map((option) => {
      const [, key, value = ''] = /^(uid|gid)=(.*)$/.exec(option) ?? [];
      if (key === undefined) return option;
      const mapped = /^\d{1,10}$/.test(value) ? (key === 'uid' ? ids.mapUid : ids.mapGid)(Number(value)) : undefined;
      if (mapped !== undefined) return `${key}=${mapped}`;
      throw new CtrError(
        'CTR_BAD_CONFIG',
        `cannot plan filesystem '${target}': '${option}' names no id of the container`,
      );
    });
}
