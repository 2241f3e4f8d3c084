import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import { CLEAN_TRAFFIC } from './filter-rows.js';
import { REFUSED_PARTS } from './interface-rows.js';
import { attributeOf } from './pick.js';
import { readDisk, readHostdev, readTimer, refuseImage, timersOf } from './read-device-spec.js';
import { isRootTarget } from './read-filesystem-spec.js';
import { LINK_TYPES } from './read-interface-spec.js';

/** What a domain asks for and no start gives. It can be defined: libvirt's define takes it, too. */
export interface Refusal {
  /** Completes "cannot start 'NAME': ". */
  readonly reason: string;
  /** Where it is said. */
  readonly element: DomainElement;
  readonly attribute?: string;
}

/** In the order of the domain. Interfaces are counted from 1. */
export function findRefusals(domain: DomainElement): readonly Refusal[] {
  const devices = descendant(domain, 'devices');
  return [
    ...refusePlacement(domain, 'vcpu', 'the CPUs'),
    ...refusePlacement(domain, 'numatune', 'the memory'),
    ...timersOf(domain).flatMap((timer) => withElement(timer, readTimer(timer).refusal)),
    ...childrenOf(devices, 'disk').flatMap((disk) => withElement(disk, readDisk(disk).refusal)),
    ...childrenOf(devices, 'filesystem').flatMap((filesystem) => refuseFilesystem(filesystem)),
    ...childrenOf(devices, 'interface').flatMap((link, index) => refuseInterface(link, index + 1)),
    ...childrenOf(devices, 'console').flatMap((console, index) => refuseConsole(console, index)),
    ...childrenOf(devices, 'hostdev')
      .filter((hostdev) => attributeOf(hostdev, 'type') !== 'net')
      .flatMap((hostdev) => withElement(hostdev, readHostdev(hostdev).refusal)),
    ...childrenOf(domain, 'seclabel').flatMap((label) => refuseLabel(label)),
    ...refuseSharing(domain, devices),
  ];
}

function withElement(element: DomainElement, reason: string | undefined): Refusal[] {
  return reason === undefined ? [] : [{ reason, element }];
}

function refusePlacement(domain: DomainElement, name: 'vcpu' | 'numatune', what: string): Refusal[] {
  const element = name === 'vcpu' ? descendant(domain, name) : descendant(domain, name, 'memory');
  if (element === undefined || attributeOf(element, 'placement') !== 'auto') return [];
  return [
    { reason: `placement 'auto' of ${what} is numad's, which ctr does not ask`, element, attribute: 'placement' },
  ];
}

const NO_ROOT: ReadonlySet<string> = new Set(['bind', 'ram']);

function refuseFilesystem(element: DomainElement): Refusal[] {
  const type = attributeOf(element, 'type') ?? 'mount';
  const target = attributeOf(element, 'dir', 'target');
  const refuse = (reason: string): Refusal[] => [
    { reason: `filesystem '${target}' ${reason}`, element, attribute: 'type' },
  ];
  if (type === 'template' || type === 'volume') return refuse(`is of type '${type}', which no container has`);
  if (isRootTarget(target) && NO_ROOT.has(type)) return refuse(`is of type '${type}', which cannot be the root`);
  if (type !== 'file') return [];
  const format = attributeOf(element, 'format', 'driver') ?? 'raw';
  const reason = refuseImage(attributeOf(element, 'type', 'driver') ?? (format === 'raw' ? 'loop' : 'nbd'), format);
  return reason === undefined ? [] : refuse(reason);
}

function refuseInterface(link: DomainElement, number: number): Refusal[] {
  const type = attributeOf(link, 'type') ?? '';
  if (!LINK_TYPES.has(type)) {
    const reason = `interface ${number} is of type '${type}', which only virtual machines have`;
    return [{ reason, element: link, attribute: 'type' }];
  }
  const parts = childrenOf(link).flatMap((part): Refusal[] => {
    const about = REFUSED_PARTS.get(part.name);
    if (about === undefined) return [];
    return [{ reason: `interface ${number} asks for ${about}`, element: part }];
  });
  return [
    ...parts,
    ...refuseBandwidth(link, type, number),
    ...refuseIsolation(link, type, number),
    ...refuseFilter(link, type, number),
  ];
}

/** A limit is a rule of the end on the host. */
function refuseBandwidth(link: DomainElement, type: string, number: number): Refusal[] {
  const element = descendant(link, 'bandwidth');
  if (element === undefined || element.children.length === 0) return [];
  if (type === 'direct' || type === 'user') {
    const what = type === 'direct' ? 'a macvlan' : "an ordinary user's link";
    return [{ reason: `interface ${number} asks for a limit of bandwidth of ${what}`, element }];
  }
  const isGuaranteed = ['inbound', 'outbound'].some((name) => attributeOf(element, 'floor', name) !== undefined);
  return isGuaranteed ? [{ reason: `interface ${number} asks for a guaranteed bandwidth (floor)`, element }] : [];
}

function refuseIsolation(link: DomainElement, type: string, number: number): Refusal[] {
  const element = descendant(link, 'port');
  if (element === undefined || attributeOf(element, 'isolated') !== 'yes') return [];
  if (type === 'network' || type === 'bridge') return [];
  return [{ reason: `interface ${number} asks for isolation from the other ports, and is in no bridge`, element }];
}

function refuseFilter(link: DomainElement, type: string, number: number): Refusal[] {
  const element = descendant(link, 'filterref');
  if (element === undefined) return [];
  const name = attributeOf(element, 'filter') ?? '';
  if (name !== CLEAN_TRAFFIC) {
    const reason = `interface ${number} asks for the network filter '${name}'; ctr has '${CLEAN_TRAFFIC}' alone`;
    return [{ reason, element, attribute: 'filter' }];
  }
  return type === 'direct' ? [{ reason: `interface ${number} asks for a network filter of a macvlan`, element }] : [];
}

function refuseConsole(element: DomainElement, index: number): Refusal[] {
  const type = attributeOf(element, 'type') ?? 'pty';
  if (type === 'pty') return [];
  return [{ reason: `console ${index} is of type '${type}', not 'pty'`, element, attribute: 'type' }];
}

/** Models of labels that a container can have. */
export const LABEL_MODELS: ReadonlySet<string | undefined> = new Set(['selinux', 'apparmor', undefined]);

function refuseLabel(element: DomainElement): Refusal[] {
  const model = attributeOf(element, 'model');
  if (attributeOf(element, 'type') === 'none' || LABEL_MODELS.has(model)) return [];
  return [{ reason: `a label is of the model '${model}', which no container has`, element, attribute: 'model' }];
}

function refuseSharing(domain: DomainElement, devices: DomainElement | undefined): Refusal[] {
  const element = descendant(domain, 'lxc:namespace', 'lxc:sharenet');
  if (element === undefined) return [];
  const hasOwn =
    descendant(domain, 'features', 'privnet') !== undefined ||
    childrenOf(devices, 'interface').length > 0 ||
    childrenOf(devices, 'hostdev').some((hostdev) => attributeOf(hostdev, 'type') === 'net');
  return hasOwn ? [{ reason: 'it shares a network, and has links or a network of its own', element }] : [];
}
