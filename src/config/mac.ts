import { createHash } from 'node:crypto';

/** The prefix libvirt and QEMU give to addresses they make up. */
const PREFIX = '52:54:00';

/**
 * The MAC address of an interface that has none in its text: the same for every start of one container. The network planner
 * (`src/network/name-links.ts`) takes the same bytes of the same digest, so a dump shows what a start uses.
 *
 * @param uuid the container's uuid, lower case with dashes
 * @param index the interface's place among all interfaces of the container, from 0
 */
export function deriveMac(uuid: string, index: number): string {
  const digest = createHash('sha256').update(`${uuid} ${index}`).digest();
  return [PREFIX, ...Array.from(digest.subarray(4, 7), (byte) => byte.toString(16).padStart(2, '0'))].join(':');
}
