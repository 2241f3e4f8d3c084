import { formatJsonText } from '../json/format-json-text.js';
import type { ContainerSpec } from '../spec.js';
import { writeAnnotations } from './annotations.js';
import { writeKept } from './aside.js';
import { writeDevices } from './devices.js';
import { writeHooks } from './hooks.js';
import { writeIdMap, writeNamespaces, writeTimeOffsets } from './namespaces.js';
import { writeCgroupsPath, writePaths } from './paths.js';
import { writeProcess } from './process.js';
import { writeResources } from './resources.js';
import { writeSeccomp } from './seccomp.js';
import { writeSysctls } from './sysctls.js';
import { writeMounts } from './write-mounts.js';

/** What every runtime knows; and the version that has id-mapped mounts, time namespaces and NIS domains: an older runtime must refuse them. */
const VERSIONS = { usual: '1.0.2', newest: '1.2.0' } as const;

/**
 * A spec as config.json: two spaces, with a newline at the end. Reading it gives the same spec when that came from a config.json. A spec of
 * another format gives a complete one, with the mounts, masks and namespaces that ctr gives it; what the specification has no word
 * for is not in it.
 */
export function formatOci(spec: ContainerSpec): string {
  const { hostname, domainname } = spec;
  const resources = writeResources(spec);
  const seccomp = writeSeccomp(spec.security);
  const root = spec.filesystems.find(({ target }) => target === '/');
  const propagation = root?.propagation;
  const namespaces = writeNamespaces(spec);
  const hasName = namespaces.some(({ type }) => type === 'uts');
  const mounts = writeMounts(spec);
  const isNewer =
    domainname !== undefined ||
    namespaces.some(({ type }) => type === 'time') ||
    mounts.some(({ uidMappings }) => uidMappings !== undefined);
  const config: Record<string, unknown> = {
    ociVersion: isNewer ? VERSIONS.newest : VERSIONS.usual,
    process: writeProcess(spec),
    root: { path: rootPath(spec), readonly: root?.readonly ?? false },
    hostname: hasName ? (hostname === '' ? undefined : (hostname ?? spec.name)) : undefined,
    domainname: hasName ? domainname : undefined,
    mounts,
    hooks: writeHooks(spec),
    annotations: namedValues(writeAnnotations(spec)),
    linux: {
      namespaces,
      ...writeIdMap(spec),
      ...writeTimeOffsets(spec),
      ...writeDevices(spec),
      ...writeCgroupsPath(spec),
      ...(Object.keys(resources).length === 0
        ? {}
        : { resources: { ...resources, rdma: namedValues(resources.rdma), unified: namedValues(resources.unified) } }),
      ...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
      ...(seccomp === undefined ? {} : { seccomp }),
      sysctl: namedValues(writeSysctls(spec).sysctl),
      ...writePaths(spec),
    },
  };
  writeKept(config, spec.kept);
  return `${formatJsonText(config)}\n`;
}

/** No root in libvirt's words is the host's. An image is no directory: the bundle's own then, which somebody has to fill. */
function rootPath({ filesystems }: ContainerSpec): string {
  const root = filesystems.find(({ target }) => target === '/');
  if (root === undefined) return '/';
  return root.type === 'mount' ? root.source : 'rootfs';
}

/** An object again. A name that stands twice has its last value. */
function namedValues(
  entries: readonly { readonly name: string; readonly value: unknown }[] | undefined,
): ReadonlyMap<string, unknown> | undefined {
  return entries === undefined ? undefined : new Map(entries.map(({ name, value }) => [name, value]));
}
