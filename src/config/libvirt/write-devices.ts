import type { ContainerSpec } from '../spec.js';
import { type DomainElement, makeElement } from './domain-element.js';
import { splitFilesystems, writeFilesystem } from './write-filesystems.js';
import { splitInterfaces, writeInterface } from './write-interfaces.js';
import { splitNodes, writeNode } from './write-nodes.js';

/** Everything in `<devices>` that libvirt has an element for. */
export function writeDevices(spec: ContainerSpec): DomainElement[] {
  return [
    ...splitFilesystems(spec.filesystems).plain.map((filesystem) => writeFilesystem(filesystem)),
    ...splitInterfaces(spec.interfaces).plain.map((link) => writeInterface(link)),
    ...spec.consoles.map(({ type }) => makeElement('console', { type })),
    ...splitNodes(spec.devices).plain.map((node) => writeNode(node)),
  ];
}
