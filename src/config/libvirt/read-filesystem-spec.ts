import type { FilesystemSpec } from '../spec.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import { attributeOf, optional } from './pick.js';
import { placeAmong } from './place-among.js';
import { bytesOfKib } from './size.js';
import type { PlacedFilesystem } from './words-mounts.js';

export function isRootTarget(target: string | undefined): boolean {
  return target !== undefined && /^\/+$/.test(target);
}

/** All mounts in their order: libvirt's elements, with those of the extension at their places. */
export function readFilesystems(
  devices: DomainElement | undefined,
  placed: readonly PlacedFilesystem[],
): readonly FilesystemSpec[] {
  return placeAmong(listFilesystems(devices, placed), placed);
}

/** What libvirt's elements say. A root in the extension stands instead of theirs. */
export function listFilesystems(
  devices: DomainElement | undefined,
  placed: readonly PlacedFilesystem[],
): readonly FilesystemSpec[] {
  const hasRoot = placed.some(({ target }) => isRootTarget(target));
  return childrenOf(devices, 'filesystem')
    .map((filesystem) => readFilesystem(filesystem))
    .filter(({ target }) => !(hasRoot && isRootTarget(target)));
}

function readFilesystem(filesystem: DomainElement): FilesystemSpec {
  const source = descendant(filesystem, 'source');
  const from = (name: string) => attributeOf(source, name) ?? '';
  const mount = {
    target: attributeOf(filesystem, 'dir', 'target') ?? '',
    readonly: descendant(filesystem, 'readonly') !== undefined,
  };
  const type = attributeOf(filesystem, 'type');
  switch (type) {
    case 'ram':
      return { type, ...mount, ...optional('sizeBytes', bytesOfKib(from('usage'))) };
    case 'bind':
      return { type, source: from('dir'), ...mount };
    case 'block':
      return { type, source: from('dev'), ...mount };
    case 'file':
      return { type, source: from('file'), ...mount, ...readImage(descendant(filesystem, 'driver')) };
    case 'template':
      return { type, source: from('name'), ...mount };
    case 'volume':
      return { type, source: from('pool'), volume: from('volume'), ...mount };
    default: {
      const accessMode = attributeOf(filesystem, 'accessmode') === 'mapped' ? 'mapped' : 'passthrough';
      return { type: 'mount', source: from('dir'), ...mount, accessMode };
    }
  }
}

function readImage(driver: DomainElement | undefined): { readonly format?: string; readonly driver?: 'loop' | 'nbd' } {
  const type = attributeOf(driver, 'type');
  return {
    ...optional('format', attributeOf(driver, 'format')),
    ...(type === 'loop' || type === 'nbd' ? { driver: type } : {}),
  };
}
