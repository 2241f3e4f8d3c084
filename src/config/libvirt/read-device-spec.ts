import type { DeviceNodeSpec } from '../spec.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import { attributeOf, textOf } from './pick.js';

/** Nodes in /dev that a domain asks for, and why a start cannot give some of them. */

export interface ReadNode {
  readonly node?: DeviceNodeSpec;
  /** Completes "cannot start 'NAME': ". */
  readonly refusal?: string;
}

const NUMBERS = ['bus', 'device'] as const;

/** As libvirt's LXC driver: node `/dev/TARGET` of the device, or of a loop device of the file. */
export function readDisk(disk: DomainElement): ReadNode {
  const name = attributeOf(disk, 'dev', 'target') ?? '';
  const type = attributeOf(disk, 'type') ?? 'file';
  if (type !== 'file' && type !== 'block')
    return { refusal: `disk '${name}' is of type '${type}', which only virtual machines have` };
  const source = attributeOf(disk, type === 'file' ? 'file' : 'dev', 'source');
  if (source === undefined) return { refusal: `disk '${name}' has no medium` };
  const access = descendant(disk, 'readonly') === undefined ? 'rwm' : 'r';
  const node: DeviceNodeSpec = { path: `/dev/${name}`, kind: 'block', source, access };
  if (type === 'block') return { node };
  const format = attributeOf(disk, 'type', 'driver') ?? 'raw';
  const driver = attributeOf(disk, 'name', 'driver') ?? (format === 'raw' ? 'loop' : 'nbd');
  const reason = refuseImage(driver, format);
  return reason === undefined ? { node: { ...node, loop: true } } : { refusal: `disk '${name}' ${reason}` };
}

/** Why an image cannot become a block device. Completes "disk 'NAME' ". */
export function refuseImage(driver: string, format: string): string | undefined {
  if (driver === 'nbd') return `needs qemu-nbd for its format '${format}', which ctr does not run`;
  if (driver !== 'loop') return `has the driver '${driver}', which only virtual machines have`;
  return format === 'raw' ? undefined : `is of format '${format}', which no loop device can show`;
}

/** A `<hostdev>` other than a link: the first directory of its path on the host becomes /dev. */
export function readHostdev(hostdev: DomainElement): ReadNode {
  const type = attributeOf(hostdev, 'type') ?? '';
  const source = descendant(hostdev, 'source');
  switch (type) {
    case 'storage':
      return { node: nodeOf('block', textOf(source, 'block') ?? '') };
    case 'misc':
      return { node: nodeOf('char', textOf(source, 'char') ?? '') };
    case 'usb': {
      const address = descendant(source, 'address');
      if (address === undefined) {
        const [vendor, product] = ['vendor', 'product'].map((name) => attributeOf(source, 'id', name));
        return { refusal: `USB device ${vendor}:${product} is named by vendor and product, not by bus and device` };
      }
      const [bus, device] = NUMBERS.map((name) => (attributeOf(address, name) ?? '').padStart(3, '0'));
      return { node: nodeOf('char', `/dev/bus/usb/${bus}/${device}`) };
    }
    default:
      return { refusal: `a host device is of type '${type}', which only virtual machines have` };
  }
}

function nodeOf(kind: DeviceNodeSpec['kind'], source: string): DeviceNodeSpec {
  return { path: `/dev/${source.replace(/^\/+[^/]+\/+/, '')}`, kind, source, access: 'rwm' };
}

const TIMERS: ReadonlyMap<string, DeviceNodeSpec> = new Map([
  ['rtc', { path: '/dev/rtc', kind: 'char', source: '/dev/rtc0', access: 'r' }],
  ['hpet', { path: '/dev/hpet', kind: 'char', source: '/dev/hpet', access: 'r' }],
]);

/** A `<timer>` of a clock with offset `localtime`. */
export function readTimer(timer: DomainElement): ReadNode {
  if (attributeOf(timer, 'present') === 'no') return {};
  const name = attributeOf(timer, 'name') ?? '';
  const node = TIMERS.get(name);
  return node === undefined ? { refusal: `timer '${name}' is no device that a container can have` } : { node };
}

/** Timers that count: libvirt makes their nodes only where the clock is not UTC. */
export function timersOf(domain: DomainElement): readonly DomainElement[] {
  const clock = descendant(domain, 'clock');
  return attributeOf(clock, 'offset') === 'localtime' ? childrenOf(clock, 'timer') : [];
}

/** All nodes, in libvirt's order: disks, devices of the host, timers. */
export function readNodes(domain: DomainElement): readonly DeviceNodeSpec[] {
  const devices = descendant(domain, 'devices');
  return [
    ...childrenOf(devices, 'disk').map((disk) => readDisk(disk)),
    ...childrenOf(devices, 'hostdev')
      .filter((hostdev) => attributeOf(hostdev, 'type') !== 'net')
      .map((hostdev) => readHostdev(hostdev)),
    ...timersOf(domain).map((timer) => readTimer(timer)),
  ].flatMap(({ node }) => node ?? []);
}
