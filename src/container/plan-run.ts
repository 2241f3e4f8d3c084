/** What the plan of a run has besides that of a container. */
import type { ContainerSpec } from '../config/spec.js';
import { OPTION, type Op } from '../exec/plan.js';

export interface RunPart {
  /** Targets of what the caller binds: in these nothing is made. */
  readonly binds: readonly string[];
  /** Read-only from the start, with everything that is mounted in it: not even a mount point is made in that tree. */
  readonly sealedRoot: boolean;
  /** Symbolic links in directories of memory that stand for ones of the host. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

/** The mount phase of a run, made of that of its model. */
export function arrangeRunMounts(ops: readonly Op[], { init }: Pick<ContainerSpec, 'init'>, run: RunPart): Op[] {
  const links = run.links.map(({ path, target }): Op => ({ op: 'symlink', path, target }));
  const isTop = (op: Op) => op.op === 'symlink' && op.path.lastIndexOf('/') === 0;
  const changed = withoutHostMounts(ops, run).map((op): Op => {
    if (op.op === 'root' && run.sealedRoot)
      return { ...op, options: Number(op.options) | OPTION.SEALED | OPTION.READ_ONLY };
    if (op.op !== 'bind') return op;
    const options = Number(op.options);
    const isOwned = (options & OPTION.MAP_OWNER) !== 0 && init.user !== undefined;
    const isNested = run.binds.some((target) => op.target.startsWith(`${target}/`));
    return { ...op, options: options | (isOwned ? OPTION.MAP_USER : 0) | (isNested ? OPTION.EXISTING : 0) };
  });
  // A directory's links come when it is there: those of the root behind it, the others behind all that is mounted.
  return [
    ...changed.slice(0, 1),
    ...links.filter(isTop),
    ...changed.slice(1, -1),
    ...links.filter((op) => !isTop(op)),
    ...changed.slice(-1),
  ];
}

/**
 * What the host has on /proc, /sys and /dev stays below the container's own: to take it away waits for the kernel, three times, and
 * nobody inside can take away what covers it. The `detach` of /sys that follows is of a mount of ctr's.
 */
function withoutHostMounts(ops: readonly Op[], { sealedRoot }: RunPart): readonly Op[] {
  const first = ops.findIndex(({ op }, index) => index > 0 && op !== 'detach');
  return sealedRoot && ops[0]?.op === 'root' ? [...ops.slice(0, 1), ...ops.slice(first)] : ops;
}

/** The command line adds to them. */
export function planRunEnvironment({ init }: Pick<ContainerSpec, 'init'>): Op[] {
  return [
    ...init.env.map(({ name, value }): Op => ({ op: 'env', entry: `${name}=${value}` })),
    ...(init.user === undefined ? [] : [{ op: 'user-env' } as const]),
  ];
}
