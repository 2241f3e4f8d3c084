import { posix } from 'node:path';
import type { DeviceNodeSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type Op } from '../exec/plan.js';
import { bindNode } from './plan-devnodes.js';

/** S_IFCHR and S_IFBLK, inode(7). */
const FILE_TYPE = { char: 0o020000, block: 0o060000 } as const;

/** libvirt's. */
const DEFAULT_MODE = 0o700;

export interface DeviceNodesRequest {
  /** The host's id of one inside, or undefined when it is not mapped. */
  readonly mapUid: (inside: number) => number | undefined;
  readonly mapGid: (inside: number) => number | undefined;
  /** /dev is a tmpfs of ctr's, not what the root has there. */
  readonly ownDev: boolean;
  /** The host's nodes are bound: who is root of a user namespace alone makes none. */
  readonly bindNodes?: boolean | undefined;
}

/** A device as the rules for it name it: by its numbers, or by the place of its `device` operation. */
export interface DeviceNodeUse {
  readonly type: 'c' | 'b';
  readonly numbers: { readonly major: number; readonly minor: number } | { readonly device: number };
  readonly access: string;
}

export interface DeviceNodesPlan {
  /** For the host phase. */
  readonly devices: readonly Op[];
  /** For the mount phase, behind /dev. */
  readonly nodes: readonly Op[];
  readonly uses: readonly DeviceNodeUse[];
}

/**
 * Devices of the host: what has a source gets its numbers at the start, from the node of the host or a loop device.
 *
 * @throws CtrError CTR_BAD_CONFIG on a node outside of /dev, with neither source nor numbers, or of an id that is not mapped
 */
export function planDeviceNodes(nodes: readonly DeviceNodeSpec[], request: DeviceNodesRequest): DeviceNodesPlan {
  if (request.bindNodes) return { devices: [], nodes: nodes.map((node) => planBound(node, request)), uses: [] };
  const devices: Op[] = [];
  const uses: DeviceNodeUse[] = [];
  const ops = nodes.map((node): Op => {
    const owner = checkNode(node, request);
    const { path, kind, access } = node;
    const mode = FILE_TYPE[kind] | (node.mode ?? DEFAULT_MODE);
    const type = kind === 'block' ? 'b' : 'c';
    if (node.source !== undefined) {
      const device = devices.length;
      const loop = node.loop ? OPTION.LOOP | (access.includes('w') ? 0 : OPTION.READ_ONLY) : 0;
      devices.push({ op: 'device', source: node.source, kind, options: loop });
      uses.push({ type, numbers: { device }, access });
      return request.ownDev
        ? { op: 'device-node', device, path, mode, ...owner }
        : { op: 'bound-node', path, mode, major: 0, minor: 0, ...owner, device: device + 1 };
    }
    const { numbers = { major: 0, minor: 0 } } = node;
    uses.push({ type, numbers, access });
    return request.ownDev
      ? { op: 'node', path, mode, ...numbers, ...owner }
      : { op: 'bound-node', path, mode, ...numbers, ...owner, device: 0 };
  });
  return { devices, nodes: ops, uses };
}

/** Who may do what with it says the node of the host. */
function planBound(node: DeviceNodeSpec, request: DeviceNodesRequest): Op {
  checkNode(node, request);
  const { path, source, loop } = node;
  if (source !== undefined && !loop) return bindNode(source, path);
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot plan device '${path}': ${loop ? 'a loop device' : 'making a node by its numbers'} needs root`,
    { hint: 'name a device node of the host as its source: that is shown inside' },
  );
}

/** @returns the owner as the host sees it */
function checkNode(node: DeviceNodeSpec, { mapUid, mapGid }: DeviceNodesRequest): { uid: number; gid: number } {
  const { path, source, numbers, uid = 0, gid = 0 } = node;
  const fail = (reason: string) => new CtrError('CTR_BAD_CONFIG', `cannot plan device '${path}': ${reason}`);
  if (!posix.resolve('/', path).startsWith('/dev/')) throw fail('it does not lie below /dev');
  if (source === undefined && numbers === undefined) throw fail('it has neither a source nor numbers');
  if (source === undefined && node.loop) throw fail('a disk image needs a source');
  const owner = { uid: mapUid(uid), gid: mapGid(gid) };
  if (owner.uid === undefined || owner.gid === undefined)
    throw fail(`its owner ${uid}:${gid} is no id of the container`);
  return { uid: owner.uid, gid: owner.gid };
}
