import type { ContainerSpec } from '../spec.js';
import type { OciLinux } from './config-shape.js';
import type { OciReading } from './oci-reading.js';

/** `linux.sysctl` of a config.json, both ways. */

const IPC = /^(kernel[./](msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs[./]mqueue[./].+)$/;
const UTS = /^kernel[./](hostname|domainname)$/;
const NET = /^net[./].+$/;

type Sysctls = readonly { readonly name: string; readonly value: string }[];

/** Names that belong to none of the container's own namespaces would change the host: a start refuses them. */
export function readSysctls({ sysctl = [], namespaces = [] }: OciLinux, { refuse }: OciReading): Sysctls {
  const isOwn = (type: string) => namespaces.some((entry) => entry.type === type);
  for (const { name } of sysctl) {
    if ((IPC.test(name) && isOwn('ipc')) || (UTS.test(name) && isOwn('uts')) || (NET.test(name) && isOwn('network')))
      continue;
    refuse(['linux', 'sysctl', name], `sysctl '${name}' belongs to no namespace of the container`);
  }
  return sysctl;
}

export function writeSysctls({ process }: ContainerSpec): Pick<OciLinux, 'sysctl'> {
  return process?.sysctls === undefined ? {} : { sysctl: process.sysctls };
}
