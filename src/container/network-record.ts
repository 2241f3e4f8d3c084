/** What ctr chooses for a network: uuid, bridge, MAC address. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { ParsedNetwork } from '../config/libvirt-network/parse-network-xml.js';
import { listNetworkNames, type NetworkRecord, readNetwork } from '../state/network-store.js';
import type { Paths } from '../system/paths.js';

export function makeNetworkRecord(
  paths: Paths,
  { spec }: ParsedNetwork,
  old: NetworkRecord | undefined,
  transient: boolean,
): NetworkRecord {
  const uuid = spec.uuid ?? old?.uuid ?? randomUUID();
  return {
    uuid,
    bridge: spec.bridge.name ?? old?.bridge ?? chooseBridgeName(paths),
    mac: spec.bridge.mac ?? old?.mac ?? macOf(uuid),
    autostart: old?.autostart ?? false,
    ...(transient ? { transient } : {}),
    definedAt: new Date().toISOString(),
  };
}

/** `02`: locally administered; the bytes of libvirt's prefix would meet those of containers. */
function macOf(uuid: string): string {
  const digest = createHash('sha256').update(`bridge ${uuid}`).digest('hex');
  return ['02', ...(digest.slice(0, 10).match(/../g) ?? [])].join(':');
}

/** The lowest `ctrbrN` that no other network and no link of the host has. */
function chooseBridgeName(paths: Paths): string {
  const taken = new Set(listNetworkNames(paths.stateDir).map((name) => readNetwork(paths, name)?.record.bridge));
  for (let number = 0; ; number += 1) {
    const name = `ctrbr${number}`;
    if (!taken.has(name) && !existsSync(`/sys/class/net/${name}`)) return name;
  }
}
