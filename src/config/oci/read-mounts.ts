import { posix } from 'node:path';
import { quote } from '../display-text.js';
import type { ReadOptions } from '../format.js';
import type { FilesystemSpec, KernelMountsSpec } from '../spec.js';
import type { OciConfig, OciLinux } from './config-shape.js';
import { interpretMount } from './interpret-mount.js';
import type { OciReading } from './oci-reading.js';

/** `root` and `mounts` of a config.json. */

const SILENT = { error: () => undefined, warning: () => undefined };

/** ctr's masks and guards are on its own mounts of these alone. */
const GUARDED = new Set(['proc', 'sysfs', 'cgroup', 'cgroup2']);

export interface ReadMounts {
  readonly kernelMounts: Required<Pick<KernelMountsSpec, 'proc' | 'sys' | 'cgroup' | 'dev'>> & KernelMountsSpec;
  readonly filesystems: readonly FilesystemSpec[];
}

/**
 * What the text does not mount is not there, but for the default devices (config-linux.md), which a runtime must supply unless the text
 * brings a whole /dev. The root comes first.
 */
export function readMounts(config: OciConfig, { rootfs }: ReadOptions, reading: OciReading): ReadMounts {
  const mounted = (config.mounts ?? []).map((mount) => interpretMount(mount, SILENT));
  const bringsDev = mounted.some((entry) => entry?.filesystem.target === '/dev' && entry.kernel === undefined);
  let kernelMounts: ReadMounts['kernelMounts'] = {
    proc: 'none',
    sys: 'none',
    cgroup: 'none',
    dev: bringsDev ? 'none' : 'own',
  };
  for (const entry of mounted)
    if (typeof entry?.kernel === 'object') kernelMounts = { ...kernelMounts, ...entry.kernel };

  const filesystems = mounted.flatMap((entry, index): FilesystemSpec[] => {
    const isOwn = entry?.kernel === 'devpts' ? kernelMounts.dev === 'own' : entry?.kernel !== undefined;
    if (entry === undefined || isOwn) return [];
    const { filesystem } = entry;
    if (filesystem.type === 'special' && GUARDED.has(filesystem.fstype))
      reading.refuse(
        ['mounts', index],
        `it mounts '${filesystem.fstype}' on ${quote(filesystem.target)} otherwise than ctr guards it`,
      );
    if (filesystem.type !== 'mount') return [filesystem];
    const mapped = readMapping(filesystem, config, index, reading);
    const source = resolveInBundle(filesystem.source, ['mounts', index, 'source'], reading);
    return [{ ...mapped, source }];
  });
  return { kernelMounts, filesystems: [readRoot(config, rootfs, reading), ...filesystems] };
}

function readRoot({ root, linux }: OciConfig, rootfs: string | undefined, reading: OciReading): FilesystemSpec {
  const propagation = linux?.rootfsPropagation;
  return {
    type: 'mount',
    source: rootfs ?? resolveInBundle(root?.path ?? '', ['root', 'path'], reading),
    target: '/',
    readonly: root?.readonly ?? false,
    accessMode: 'passthrough',
    ...(propagation === undefined ? {} : { propagation }),
  };
}

function resolveInBundle(path: string, place: readonly (string | number)[], { bundle, error }: OciReading): string {
  if (path.startsWith('/')) return posix.resolve(path);
  if (bundle === undefined) {
    error(
      place,
      `'${place.join('.')}' is relative to the bundle, and its directory is not known`,
      'name the file by its absolute path',
    );
    return path;
  }
  return posix.resolve(bundle, path);
}

type Bind = Extract<FilesystemSpec, { readonly type: 'mount' }>;

/** An id map of the mount is the container's own, or not supported. */
function readMapping(bind: Bind, config: OciConfig, index: number, { error }: OciReading): Bind {
  const { uidMappings, gidMappings } = config.mounts?.[index] ?? {};
  if (uidMappings === undefined && gidMappings === undefined && bind.accessMode === 'passthrough') return bind;
  const linux: OciLinux = config.linux ?? {};
  if (linux.uidMappings === undefined) error(['mounts', index], `mount ${index} needs the id map of a user namespace`);
  else if (!isSameMap(uidMappings, linux.uidMappings) || !isSameMap(gidMappings, linux.gidMappings))
    error(['mounts', index], `not supported yet: mount ${index} has an id map that is not the container's`);
  return { ...bind, accessMode: 'mapped' };
}

function isSameMap(own: OciLinux['uidMappings'], container: OciLinux['uidMappings']): boolean {
  const sorted = (map: OciLinux['uidMappings']) =>
    JSON.stringify(
      map
        ?.map(({ containerID, hostID, size }) => [containerID, hostID, size])
        .toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0)),
    );
  return own === undefined || sorted(own) === sorted(container);
}
