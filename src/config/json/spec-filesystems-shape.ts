import { findMountFault } from '../mount-paths.js';
import type { FilesystemSpec, KernelMountsSpec, MountPart } from '../spec.js';
import type { Shape } from './shape.js';
import { list, variants } from './shape-lists.js';
import { type FieldsOf, objectOf, optional, required, type Say } from './shape-objects.js';
import { absolutePath, anyText, boolean, integer, oneOf, text } from './shape-values.js';

/** Tables of `spec-filesystems.ts`. */

type Kind<T extends FilesystemSpec['type']> = Extract<FilesystemSpec, { readonly type: T }>;

const flag = oneOf([
  'nosuid',
  'nodev',
  'noexec',
  'noatime',
  'nodiratime',
  'relatime',
  'strictatime',
  'sync',
  'dirsync',
  'nosymfollow',
]);

const mountPart: FieldsOf<MountPart> = {
  target: required('absolute path inside', absolutePath),
  readonly: required('no writing', boolean),
  flags: optional('exactly these; absent: as the type says', list(flag)),
  propagation: optional(
    'of mounts below it',
    oneOf(['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared', 'unbindable']),
  ),
  optional: optional('a start goes on without it', boolean),
  create: optional('what is made when the target is missing', oneOf(['dir', 'file'])),
};

const bytes = integer(0, Number.MAX_SAFE_INTEGER);
const data = optional('options of the file system', anyText);

const ACCESS_MODES = ['passthrough', 'mapped', 'root', 'owner', 'target-owner'] as const;

function checkPaths(filesystem: FilesystemSpec, say: Say): void {
  const fault = findMountFault(filesystem);
  if (fault !== undefined) say.error([fault.part], fault.reason);
}

const mount = objectOf<Kind<'mount'>>(
  'a file system',
  {
    type: required('a path of the host', oneOf(['mount'])),
    source: required('path of the host', absolutePath),
    accessMode: required('how ids on disk become ids inside', oneOf(ACCESS_MODES)),
    recursive: optional('with what is mounted below it', boolean),
    ...mountPart,
  },
  checkPaths,
);

const bind = objectOf<Kind<'bind'>>(
  'a file system',
  {
    type: required('a path inside the container', oneOf(['bind'])),
    source: required('path inside', absolutePath),
    recursive: optional('with what is mounted below it', boolean),
    ...mountPart,
  },
  checkPaths,
);

const ram = objectOf<Kind<'ram'>>(
  'a file system',
  {
    type: required('a tmpfs', oneOf(['ram'])),
    sizeBytes: optional('absent: half of the memory', bytes),
    mode: optional('permissions of its root', integer(0, 0o7777)),
    copyUp: optional('begins with what the root has at its target', boolean),
    data,
    ...mountPart,
  },
  checkPaths,
);

const block = objectOf<Kind<'block'>>(
  'a file system',
  {
    type: required('a block device of the host', oneOf(['block'])),
    source: required('its node', absolutePath),
    fstype: optional('absent: found by its superblock', anyText),
    data,
    accessMode: optional('absent: passthrough', oneOf(ACCESS_MODES)),
    ...mountPart,
  },
  checkPaths,
);

const file = objectOf<Kind<'file'>>(
  'a file system',
  {
    type: required('a file of the host with a file system in it', oneOf(['file'])),
    source: required('the file', absolutePath),
    format: optional('absent: raw', anyText),
    driver: optional('how it becomes a device', oneOf(['loop', 'nbd'])),
    fstype: optional('absent: found by its superblock', anyText),
    data,
    accessMode: optional('absent: passthrough', oneOf(ACCESS_MODES)),
    ...mountPart,
  },
  checkPaths,
);

const special = objectOf<Kind<'special'>>('a file system', {
  type: required('any file system of the kernel', oneOf(['special'])),
  fstype: required('its name', text('a name', /^[A-Za-z0-9._-]+$/)),
  source: required('first argument of mount(2)', anyText),
  data,
  ...mountPart,
});

const overlay = objectOf<Kind<'overlay'>>(
  'a file system',
  {
    type: required('overlayfs', oneOf(['overlay'])),
    lowers: required('read-only directories', list(anyText)),
    upper: optional('directory for changes; absent: a tmpfs', anyText),
    ...mountPart,
  },
  checkPaths,
);

const inaccessible = objectOf<Kind<'inaccessible'>>('a file system', {
  type: required('hidden by an empty node', oneOf(['inaccessible'])),
  ...mountPart,
});

const template = objectOf<Kind<'template' | 'volume'>>('a file system', {
  type: required('of libvirt; no start can mount it', oneOf(['template', 'volume'])),
  source: required('as written', anyText),
  volume: optional('as written', anyText),
  ...mountPart,
});

export const filesystemShape: Shape<FilesystemSpec> = variants('type', [
  mount,
  bind,
  ram,
  block,
  file,
  special,
  overlay,
  inaccessible,
  template,
]);

export const kernelMountsShape = objectOf<KernelMountsSpec>('an object', {
  proc: optional('/proc', oneOf(['guarded', 'writable', 'none'])),
  hidePid: optional('what processes of other users show, proc(5)', oneOf(['noaccess', 'invisible', 'ptraceable'])),
  procSubset: optional('`pid`: /proc has processes alone', oneOf(['pid'])),
  sys: optional('/sys', oneOf(['readonly', 'mixed', 'writable', 'none'])),
  cgroup: optional('/sys/fs/cgroup', oneOf(['readonly', 'writable', 'none'])),
  dev: optional('/dev', oneOf(['own', 'none'])),
  devSizeBytes: optional('size of the tmpfs on /dev', bytes),
  views: optional("whether /proc shows the container's limits, by lxcfs", oneOf(['on', 'off'])),
});
