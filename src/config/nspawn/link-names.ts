/** Names that nspawn gives to links. systemd-nspawn(1), --network-veth and the following */
import { createHash } from 'node:crypto';

export const ZONE_PREFIX = 'vz-';

/** End of the first veth inside. */
export const GUEST_NAME = 'host0';

/** Linux keeps 15 characters of a link's name. */
const MAX_LENGTH = 15;
const HASH_LENGTH = 4;

/** The host's end of the first veth. */
export function nameHostEnd(container: string, isBridged: boolean): string {
  return shorten(`${isBridged ? 'vb-' : 've-'}${container}`);
}

/** Name inside of a link that the text gives none. */
export function guestOfLink(key: 'Interface' | 'MACVLAN' | 'IPVLAN', source: string): string {
  if (key === 'Interface') return source;
  return shorten(`${key === 'MACVLAN' ? 'mv' : 'iv'}-${source}`);
}

/** A name too long keeps its beginning; a hash of the whole keeps it apart from others that begin alike. */
function shorten(name: string): string {
  if (name.length <= MAX_LENGTH) return name;
  const hash = createHash('sha256').update(name).digest('base64url').slice(0, HASH_LENGTH);
  return `${name.slice(0, MAX_LENGTH - HASH_LENGTH)}${hash}`;
}
