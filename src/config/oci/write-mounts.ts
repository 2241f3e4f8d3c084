import type { ContainerSpec, FilesystemSpec, KernelMountsSpec, MountFlag } from '../spec.js';
import type { OciConfig } from './config-shape.js';
import { writeIdMap } from './namespaces.js';

/** `mounts` of a config.json for a spec: what ctr mounts by itself first, then its file systems in their order. */

type OciMount = NonNullable<OciConfig['mounts']>[number];

const GUARDED = ['nosuid', 'noexec', 'nodev'];

export function writeMounts(spec: ContainerSpec): OciMount[] {
  return [
    ...writeKernelMounts(spec),
    ...spec.filesystems
      .filter(({ target }) => target !== '/')
      .flatMap((filesystem) => writeFilesystem(filesystem, spec)),
  ];
}

/** Absent parts are as ctr makes them. `mixed`: read-only, for which no word says more. */
function writeKernelMounts({ kernelMounts = {}, filesystems, format }: ContainerSpec): OciMount[] {
  const { proc = 'guarded', sys = 'readonly', cgroup = 'readonly', dev = 'own', devSizeBytes } = kernelMounts;
  const isTarget = (path: string) => filesystems.some(({ target }) => target === path);
  const readonly = (state: string) => (state === 'writable' ? [] : ['ro']);
  return [
    ...(proc === 'none'
      ? []
      : [{ destination: '/proc', type: 'proc', source: 'proc', options: [...GUARDED, ...procOptions(kernelMounts)] }]),
    ...(dev === 'none'
      ? []
      : [
          {
            destination: '/dev',
            type: 'tmpfs',
            source: 'tmpfs',
            options: [
              'nosuid',
              'strictatime',
              'mode=755',
              ...(devSizeBytes === undefined ? [] : [`size=${devSizeBytes}`]),
            ],
          },
          {
            destination: '/dev/pts',
            type: 'devpts',
            source: 'devpts',
            options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
          },
        ]),
    // Other formats leave these to their runtimes' own /dev
    ...(format === 'oci' || dev === 'none' || isTarget('/dev/shm')
      ? []
      : [{ destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'nodev', 'mode=1777'] }]),
    ...(sys === 'none'
      ? []
      : [{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...GUARDED, ...readonly(sys)] }]),
    ...(cgroup === 'none'
      ? []
      : [
          {
            destination: '/sys/fs/cgroup',
            type: 'cgroup',
            source: 'cgroup',
            options: [...GUARDED, 'relatime', ...readonly(cgroup)],
          },
        ]),
  ];
}

function procOptions({ hidePid, procSubset }: KernelMountsSpec): string[] {
  return [
    ...(hidePid === undefined ? [] : [`hidepid=${hidePid}`]),
    ...(procSubset === undefined ? [] : [`subset=${procSubset}`]),
  ];
}

/** Nothing for what OCI has no word for: a bind of a path inside, an image, what hides a path (that is in `maskedPaths`). */
function writeFilesystem(filesystem: FilesystemSpec, spec: ContainerSpec): OciMount[] {
  const { target: destination, propagation } = filesystem;
  const common = (flags: readonly MountFlag[], readonly = 'ro') => [
    ...flags,
    ...(filesystem.readonly ? [readonly] : []),
    ...(propagation === undefined ? [] : [propagation]),
  ];
  const guarded = filesystem.flags ?? ['nosuid', 'nodev'];
  switch (filesystem.type) {
    case 'mount': {
      const { source, recursive = false, accessMode } = filesystem;
      const isMapped = accessMode === 'mapped' && spec.idmap !== undefined;
      // ctr's read-only is of all that is below
      const options = [recursive ? 'rbind' : 'bind', ...common(guarded, recursive ? 'rro' : 'ro')];
      if (!isMapped) return [{ destination, type: 'bind', source, options }];
      return [
        {
          destination,
          type: 'bind',
          source,
          options: [...options, recursive ? 'ridmap' : 'idmap'],
          ...writeIdMap(spec),
        },
      ];
    }
    case 'ram': {
      const { sizeBytes, mode, data, copyUp = false } = filesystem;
      const options = [
        ...common(guarded),
        ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]),
        ...(mode === undefined ? [] : [`mode=${mode.toString(8).padStart(4, '0')}`]),
        ...(copyUp ? ['tmpcopyup'] : []),
        ...(data === undefined ? [] : [data]),
      ];
      return [{ destination, type: 'tmpfs', source: 'tmpfs', options }];
    }
    case 'special':
    case 'block': {
      const { fstype, source, data } = filesystem;
      const options = [...common(filesystem.flags ?? []), ...(data === undefined ? [] : [data])];
      return fstype === undefined ? [] : [{ destination, type: fstype, source, options }];
    }
    default:
      return [];
  }
}
