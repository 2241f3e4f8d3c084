/**
 * What the group of a container is called in each hierarchy, as lxc.payload.NAME: one name for all of them, and no group above it that
 * would have to be made for the first container and taken away with the last (docs/adr/0015). Pure.
 */

/** @param prefix of the run directory: `ctr`, or `ctr-HASH` */
export function groupName(prefix: string, name: string): string {
  return `${prefix}.${name}`;
}

/** The container that a group of this run directory belongs to; undefined for any other group. */
export function containerOf(prefix: string, group: string): string | undefined {
  return group.startsWith(`${prefix}.`) ? group.slice(prefix.length + 1) : undefined;
}

const OF_SOME_CONTAINER = /^ctr(?:-[0-9a-f]{8})?\.(.+)$/;

/** The container that a group belongs to, of whatever run directory; undefined for any other group. */
export function containerOfAny(group: string): string | undefined {
  return OF_SOME_CONTAINER.exec(group)?.[1];
}
