import { magicLinkReason } from '../mount-paths.js';
import type { FilesystemSpec, KernelMountsSpec, RootMode } from '../spec.js';
import type { DomainElement } from './domain-element.js';
import { reservedTarget } from './filesystem-rows.js';
import type { Written } from './rows.js';
import { IMAGE_FORMATS } from './storage-values.js';
import { absolutePath, anyText, matching, octalMode, oneOf, refusing } from './values.js';
import { child, count, flag, listWord, mode, number, objectWord, text, textWord, tokens } from './word.js';

/** Words about what is mounted. */

const required = { required: true };

/** What is mounted as no `<filesystem>` of libvirt can say it, and its place among all of them. */
export type PlacedFilesystem = FilesystemSpec & { readonly index: number };

const FLAGS = 'nosuid nodev noexec noatime nodiratime relatime strictatime sync dirsync nosymfollow'.split(' ');
const PROPAGATIONS = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared', 'unbindable'];

const HIDE_PID = ['noaccess', 'invisible', 'ptraceable'];

/** Attributes and children that a type cannot do without. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  mount: ['source', 'accessmode'],
  bind: ['source'],
  ram: [],
  block: ['source'],
  file: ['source'],
  special: ['source', 'fstype'],
  overlay: ['ctr:lowers'],
  inaccessible: [],
  template: ['source'],
  volume: ['source'],
};

/** ctr mounts /proc, /sys and /dev; only what is mounted there by name, or hidden, may have such a target. */
const MAY_BE_RESERVED: ReadonlySet<string> = new Set(['special', 'inaccessible']);

function finishFilesystem(read: DomainElement, { element, report, attributeOffset }: Written): DomainElement {
  const type = read.attributes.get('type') ?? '';
  for (const need of NEEDS[type] ?? []) {
    const isChild = need.startsWith('ctr:');
    const has = isChild
      ? read.children.some((node) => 'name' in node && node.name === need)
      : read.attributes.has(need);
    if (!has)
      report.error(
        element.offset,
        `<filesystem> of type '${type}' needs ${isChild ? `<${need.slice('ctr:'.length)}>` : `the attribute '${need}'`}`,
      );
  }
  const reason = MAY_BE_RESERVED.has(type) ? undefined : reservedTarget(read.attributes.get('target') ?? '/');
  if (reason !== undefined) report.error(attributeOffset('target'), `attribute 'target' of <filesystem> ${reason}`);
  const magic =
    type === 'special' || type === 'bind' ? undefined : magicLinkReason(read.attributes.get('source') ?? '');
  if (magic !== undefined) report.error(attributeOffset('source'), `attribute 'source' of <filesystem> ${magic}`);
  return read;
}

/** A tree of an overlay: of the host, or with `+` of the container's root. */
const layer = refusing(anyText, (path) => (path.startsWith('/') ? magicLinkReason(path) : undefined));

export const filesystemWord = objectWord<PlacedFilesystem>(
  'filesystem',
  "a mount that libvirt's <filesystem> cannot say; of target `/` it stands instead of libvirt's",
  [
    number('index', 'its place among all mounts, from 0', count, required),
    text('type', 'what is mounted', oneOf(Object.keys(NEEDS)), required),
    text('target', 'absolute path inside', absolutePath, required),
    flag('readonly', 'mounted read-only', { byDefault: 'no' }),
    text('source', 'what of the host, or of the container with type `bind`', anyText),
    text('fstype', 'the type of file system', matching('a name', /^[A-Za-z0-9_.-]+$/)),
    tokens('flags', 'options of mount(2), exactly these', oneOf(FLAGS)),
    text('data', 'options of the file system', anyText),
    text('propagation', 'of mounts made later', oneOf(PROPAGATIONS)),
    flag('optional', 'a start goes on without it'),
    text('create', 'what is made where the target is missing', oneOf(['dir', 'file'])),
    text(
      'accessmode',
      'of `mount`: how ids on disk become ids inside',
      oneOf(['passthrough', 'mapped', 'root', 'owner', 'target-owner']),
      {
        key: 'accessMode',
      },
    ),
    flag('recursive', 'with what is mounted below it'),
    number('size', 'of `ram`: bytes', count, { key: 'sizeBytes' }),
    mode('mode', 'of `ram`: permissions of its root, in octal', octalMode()),
    flag('copy-up', 'of `ram`: begins with a copy of what is there', { key: 'copyUp' }),
    text('format', 'of `file`: format of the image', oneOf(IMAGE_FORMATS)),
    text('driver', 'of `file`: how it becomes a device', oneOf(['loop', 'nbd'])),
    text('upper', 'of `overlay`: where changes go; when missing: a tmpfs', layer),
    text('volume', 'of `volume`: its name', anyText),
    child('lowers', listWord('lowers', 'of `overlay`: the trees below', textWord('path', 'one tree', layer))),
  ],
  { finish: finishFilesystem },
);

export const rootWord = objectWord<{ readonly mode: RootMode }>('root', 'what becomes of changes to the root', [
  text(
    'mode',
    'as --volatile= of systemd-nspawn(1); `ephemeral`: as --ephemeral',
    oneOf(['ephemeral', 'overlay', 'state', 'yes']),
    required,
  ),
]);

export const kernelMountsWord = objectWord<KernelMountsSpec>('kernel-mounts', 'what ctr mounts by itself', [
  text('proc', 'when missing: `guarded`', oneOf(['guarded', 'writable', 'none'])),
  text('hide-pid', 'of /proc: what processes of other users show, proc(5)', oneOf(HIDE_PID), { key: 'hidePid' }),
  text('proc-subset', '`pid`: /proc has processes alone', oneOf(['pid']), { key: 'procSubset' }),
  text('sys', 'when missing: `readonly`', oneOf(['readonly', 'mixed', 'writable', 'none'])),
  text('cgroup', 'when missing: `readonly`', oneOf(['readonly', 'writable', 'none'])),
  text('dev', 'when missing: `own`', oneOf(['own', 'none'])),
  number('dev-size', 'bytes of the tmpfs on /dev', count, { key: 'devSizeBytes' }),
  text(
    'views',
    "whether /proc/meminfo, cpuinfo and others show the container's limits, by lxcfs; when missing: where the host has it",
    oneOf(['on', 'off']),
  ),
]);
