import { createHash } from 'node:crypto';
import type { InterfaceSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';

/** An interface with everything named that the configuration leaves open. */
export interface NamedLink {
  readonly spec: InterfaceSpec;
  /** End on the host. */
  readonly host: string;
  /** End in the container. */
  readonly guest: string;
  /** 6 bytes, of the container's end. */
  readonly mac: string;
}

/** libvirt's and QEMU's prefix of generated addresses. */
const MAC_PREFIX = '52:54:00';

/**
 * Names the links of a container. Inside, a link without a name is `ethN`, N counting those without; its MAC address and the
 * name on the host come from the uuid and its place, so they are the same at each start.
 *
 * @throws CtrError CTR_BAD_CONFIG when two links have one name inside
 */
export function nameLinks(interfaces: readonly InterfaceSpec[], uuid: string): readonly NamedLink[] {
  let unnamed = 0;
  const links = interfaces.map((spec, index) => {
    const digest = createHash('sha256').update(`${uuid} ${index}`).digest('hex');
    return {
      spec,
      host: spec.targetName ?? `vc${digest.slice(0, 8)}`,
      guest: spec.guestName ?? `eth${unnamed++}`,
      mac: spec.mac ?? [MAC_PREFIX, ...(digest.slice(8, 14).match(/../g) ?? [])].join(':'),
    };
  });
  const taken = new Set<string>();
  for (const { guest } of links) {
    if (taken.has(guest)) {
      throw new CtrError('CTR_BAD_CONFIG', `cannot name interface '${guest}': another has this name inside`, {
        hint: "give each interface its own <guest dev='…'/>, or none",
      });
    }
    taken.add(guest);
  }
  return links;
}
