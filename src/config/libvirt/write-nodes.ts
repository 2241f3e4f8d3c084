import type { ContainerSpec, DeviceNodeSpec, DevicesSpec } from '../spec.js';
import { type DomainElement, makeElement } from './domain-element.js';

/** Devices: `<hostdev>` for what libvirt can say, the extension for the rest. */

interface SplitNodes {
  readonly plain: readonly DeviceNodeSpec[];
  /** Undefined where `<hostdev>` says everything. */
  readonly others: DevicesSpec | undefined;
}

/** The extension's nodes follow libvirt's: from the first that `<hostdev>` cannot say on, all are there. */
export function splitNodes(devices: ContainerSpec['devices']): SplitNodes {
  if (devices === undefined) return { plain: [], others: undefined };
  const first = devices.nodes.findIndex((node) => !saysNode(node));
  const split = first === -1 ? devices.nodes.length : first;
  const plain = devices.nodes.slice(0, split);
  const nodes = devices.nodes.slice(split);
  const isSaid = plain.length > 0 && nodes.length === 0 && devices.rules === undefined;
  return { plain, others: isSaid ? undefined : { ...devices, nodes } };
}

const SAID = ['path', 'kind', 'source', 'access'];

function saysNode(node: DeviceNodeSpec): boolean {
  const isDevice = node.path.startsWith('/dev/') && node.path === node.source && !node.path.includes('//');
  return isDevice && node.access === 'rwm' && Object.keys(node).every((key) => SAID.includes(key));
}

export function writeNode({ kind, path }: DeviceNodeSpec): DomainElement {
  const [type, name] = kind === 'block' ? ['storage', 'block'] : ['misc', 'char'];
  return makeElement('hostdev', { mode: 'capabilities', type }, [
    makeElement('source', {}, [makeElement(name as string, {}, path)]),
  ]);
}
