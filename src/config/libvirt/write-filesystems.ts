import type { FilesystemSpec } from '../spec.js';
import { type DomainElement, makeElement } from './domain-element.js';
import { isRootTarget } from './read-filesystem-spec.js';
import type { PlacedFilesystem } from './words-mounts.js';

/** Mounts: `<filesystem>` for what libvirt can say, the extension for the rest. */

interface SplitFilesystems {
  readonly plain: readonly FilesystemSpec[];
  readonly placed: readonly PlacedFilesystem[];
}

/**
 * A root that libvirt can say in part is in both: libvirt must not take the host's instead. The extension's roots are the ones that
 * count, all of them or none.
 */
export function splitFilesystems(filesystems: readonly FilesystemSpec[]): SplitFilesystems {
  const hasPlacedRoot = filesystems.some((mount) => isRootTarget(mount.target) && !saysFilesystem(mount));
  const isPlain = (mount: FilesystemSpec) => saysFilesystem(mount) && !(hasPlacedRoot && isRootTarget(mount.target));
  const plain = filesystems.filter((filesystem) => isPlain(filesystem) || standsInForRoot(filesystem));
  const placed = filesystems.flatMap((filesystem, index): PlacedFilesystem[] =>
    isPlain(filesystem) ? [] : [{ index, ...filesystem }],
  );
  return { plain, placed };
}

/** Properties that a type of `<filesystem>` can say. */
const SAID: Readonly<Partial<Record<FilesystemSpec['type'], readonly string[]>>> = {
  mount: ['accessMode'],
  bind: [],
  ram: ['sizeBytes'],
  block: [],
  file: ['format', 'driver'],
  template: [],
  volume: ['volume'],
};

function saysFilesystem(filesystem: FilesystemSpec): boolean {
  const said = SAID[filesystem.type];
  if (said === undefined) return false;
  const common = ['type', 'source', 'target', 'readonly', ...said];
  if (Object.keys(filesystem).some((key) => !common.includes(key))) return false;
  switch (filesystem.type) {
    case 'mount':
      return filesystem.accessMode === 'passthrough' || filesystem.accessMode === 'mapped';
    case 'ram':
      return filesystem.sizeBytes !== undefined && filesystem.sizeBytes > 0 && filesystem.sizeBytes % 1024 === 0;
    case 'file':
      // libvirt prints no driver without a type, and the raw format goes with it
      return filesystem.driver !== undefined || filesystem.format !== 'raw';
    case 'volume':
      return filesystem.volume !== undefined;
    default:
      return true;
  }
}

function standsInForRoot({ type, target }: FilesystemSpec): boolean {
  return isRootTarget(target) && (type === 'mount' || type === 'block' || type === 'file');
}

export function writeFilesystem(filesystem: FilesystemSpec): DomainElement {
  const accessmode = filesystem.type === 'mount' && filesystem.accessMode === 'mapped' ? 'mapped' : undefined;
  return makeElement('filesystem', { type: filesystem.type, accessmode }, [
    writeDriver(filesystem),
    makeElement('source', sourceOf(filesystem)),
    makeElement('target', { dir: filesystem.target }),
    filesystem.readonly ? makeElement('readonly') : undefined,
  ]);
}

function writeDriver(filesystem: FilesystemSpec): DomainElement | undefined {
  if (filesystem.type !== 'file') return undefined;
  const { driver, format } = filesystem;
  return driver === undefined && format === undefined ? undefined : makeElement('driver', { type: driver, format });
}

function sourceOf(filesystem: FilesystemSpec): Record<string, string | number | undefined> {
  switch (filesystem.type) {
    case 'mount':
    case 'bind':
      return { dir: filesystem.source };
    case 'block':
      return { dev: filesystem.source };
    case 'file':
      return { file: filesystem.source };
    case 'ram':
      return { usage: filesystem.sizeBytes, units: 'b' };
    case 'template':
      return { name: filesystem.source };
    case 'volume':
      return { pool: filesystem.source, volume: filesystem.volume };
    default:
      return {};
  }
}
