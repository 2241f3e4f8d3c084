import {
  childrenOf,
  type DomainElement,
  type DomainNode,
  descendant,
  isElement,
  makeElement,
} from './domain-element.js';
import { diskIndex } from './storage-values.js';

/** What libvirt's parser does about disks beyond each single one: their order, their addresses, the controllers they need. */

/** Disks per unit of a bus: controller, bus, unit of the disk of a number. */
const LAYOUTS: Readonly<Record<string, (index: number) => readonly [controller: number, bus: number, unit: number]>> = {
  scsi: (index) => [Math.floor(index / 7), 0, index % 7],
  fdc: (index) => [Math.floor(index / 2), 0, index % 2],
  ide: (index) => [Math.floor(index / 4), Math.floor((index % 4) / 2), index % 2],
  sata: (index) => [Math.floor(index / 6), 0, index % 6],
};

const busOf = (disk: DomainElement) => descendant(disk, 'target')?.attributes.get('bus') ?? '';
const indexOf = (disk: DomainElement) => diskIndex(descendant(disk, 'target')?.attributes.get('dev') ?? '');

/** The `finish` of `<devices>` as to disks. */
export function completeDisks(devices: DomainElement): DomainElement {
  const disks = childrenOf(devices, 'disk');
  if (disks.length === 0) return devices;
  const addressed = sortDisks(disks).map((disk) => addAddress(disk));
  const controllers = [
    ...childrenOf(devices, 'controller'),
    ...missingControllers(addressed, childrenOf(devices, 'controller')),
  ];
  const [emulator, others] = partition(devices.children, (node) => isElement(node) && node.name === 'emulator');
  const rest = others.filter((node) => !isElement(node) || (node.name !== 'disk' && node.name !== 'controller'));
  return { ...devices, children: [...emulator, ...addressed, ...controllers, ...rest] };
}

function partition(nodes: readonly DomainNode[], belongs: (node: DomainNode) => boolean): [DomainNode[], DomainNode[]] {
  return [nodes.filter((node) => belongs(node)), nodes.filter((node) => !belongs(node))];
}

/** Each disk stands before those of its bus with a later letter, and behind the others of its bus. */
function sortDisks(disks: readonly DomainElement[]): readonly DomainElement[] {
  const places = new Map<string, number>();
  for (const disk of disks) if (!places.has(busOf(disk))) places.set(busOf(disk), places.size);
  const place = (disk: DomainElement) => places.get(busOf(disk)) ?? 0;
  return disks.toSorted((a, b) => place(a) - place(b) || indexOf(a) - indexOf(b));
}

function addAddress(disk: DomainElement): DomainElement {
  const layout = LAYOUTS[busOf(disk)];
  const index = indexOf(disk);
  if (layout === undefined || index < 0 || descendant(disk, 'address') !== undefined) return disk;
  const [controller, bus, unit] = layout(index);
  const address = makeElement('address', { type: 'drive', controller, bus, target: 0, unit });
  return { ...disk, children: [...disk.children, address] };
}

/** More than a machine could have: a disk whose name has many letters would ask for millions. */
const MAX_CONTROLLERS = 32;

function missingControllers(disks: readonly DomainElement[], given: readonly DomainElement[]): DomainElement[] {
  return Object.keys(LAYOUTS).flatMap((type) => {
    const used = disks
      .filter((disk) => busOf(disk) === type)
      .map((disk) => Number(descendant(disk, 'address')?.attributes.get('controller') ?? -1));
    const highest = used.reduce((most, controller) => Math.max(most, controller), -1);
    const last = Math.min(highest, MAX_CONTROLLERS - 1);
    return Array.from({ length: last + 1 }, (_, index) => index)
      .filter((index) => !given.some(({ attributes }) => isOf(attributes, type, index)))
      .map((index) => makeElement('controller', { type, index }));
  });
}

function isOf(attributes: ReadonlyMap<string, string>, type: string, index: number): boolean {
  return attributes.get('type') === type && attributes.get('index') === String(index);
}
