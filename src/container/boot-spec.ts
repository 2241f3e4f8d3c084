/** The model of `run --boot`: a tree's own init, as systemd-nspawn(1) boots it. Pure. */

import { readNspawn } from '../config/nspawn/read-nspawn.js';
import type { ContainerSpec, InterfaceSpec } from '../config/spec.js';
import { DEFAULT_NETWORK } from '../network/default-network.js';
import { connectRun, limitRun, listBinds, type RunRequest } from './run-spec.js';

/** As a bare tree, but for its network, which the command line says. */
const SETTINGS = '[Exec]\nBoot=yes\nPrivateUsers=pick\n';

/** What is booted, and how. */
export interface BootPart {
  /** Directory with the tree, absolute. */
  readonly source: string;
  /** Arguments of its init. */
  readonly args: readonly string[];
  /** Added to the environment of its init. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** What is written to the tree is gone afterwards. */
  readonly ephemeral: boolean;
}

/** An operating system can send what it likes, which other runs cannot. */
function asItself(link: InterfaceSpec): InterfaceSpec {
  return link.source === DEFAULT_NETWORK ? { ...link, filter: { name: 'clean-traffic', addresses: [] } } : link;
}

/** An operating system's capabilities, filter and environment; limits only where they are asked for. */
export function makeBootSpec(request: Omit<RunRequest, 'root'>, boot: BootPart): ContainerSpec {
  const { name, idmap, net } = request;
  const { definition } = readNspawn(SETTINGS, { file: 'run', name, rootfs: boot.source });
  if (definition === undefined) throw new RangeError('the settings of a tree that is booted are no settings');
  const { idRange: _chosen, rootMode: _mode, ...spec } = definition.spec;
  return {
    ...spec,
    ...limitRun(request),
    init: { ...spec.init, args: boot.args, env: [...spec.init.env, ...boot.env] },
    idmap,
    features: { ...spec.features, privnet: net === 'none' },
    ...(net === 'host' ? { namespaces: { ...spec.namespaces, net: { kind: 'host' } } } : {}),
    interfaces: connectRun(net).map(asItself),
    ...(request.ports.length === 0 ? {} : { ports: request.ports }),
    filesystems: [
      { type: 'mount', source: boot.source, target: '/', readonly: false, accessMode: request.accessMode.root },
      ...spec.filesystems.filter(({ target }) => target !== '/'),
      ...listBinds(request),
    ],
    ...(boot.ephemeral ? { rootMode: 'ephemeral' as const } : {}),
    consoles: [{ type: 'pty' }],
    lifecycle: { onPoweroff: 'destroy', onReboot: 'destroy', onCrash: 'destroy' },
  };
}
