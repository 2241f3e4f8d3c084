import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { renderDiagnostics } from '../config/index.js';
import { completeNetwork } from '../config/libvirt-network/complete-network.js';
import { formatNetworkXml, type ParsedNetwork } from '../config/libvirt-network/parse-network-xml.js';
import { CtrError } from '../errors.js';
import { findHelper } from '../exec/helper.js';
import { overlaps } from '../network/choose-subnet.js';
import { listNetworkNames, readNetwork, removeNetwork, writeNetwork } from '../state/network-store.js';
import { listNames } from '../state/store.js';
import { containerRunDir, type Paths } from '../system/paths.js';
import { type CtrOptions, checkName, openPaths, requireRoot } from './context.js';
import { loadNetwork, parseNetwork, requireNetwork } from './load-network.js';
import { networkState } from './network-info.js';
import { makeNetworkRecord } from './network-record.js';
import { withNetworkLock, withNetworksLock } from './with-lock.js';

export interface DefinedNetwork {
  readonly name: string;
  readonly uuid: string;
  readonly replaced: boolean;
  readonly renderedWarnings: string;
}

/**
 * Stores a network's definition. One of the same name and uuid is replaced; while it is in force it stays as it was.
 *
 * @throws CtrError CTR_BAD_CONFIG, CTR_EXISTS, CTR_NEED_ROOT, CTR_IO
 */
export async function defineNetwork(
  text: string,
  options: CtrOptions & { readonly file?: string; readonly transient?: boolean } = {},
): Promise<DefinedNetwork> {
  requireRoot('define networks');
  const { file = 'network' } = options;
  const { network, warnings } = parseNetwork(text, file);
  const { name, uuid } = network.spec;
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  return withNetworksLock(paths, helper, async () => {
    const old = readNetwork(paths, name);
    if (old !== undefined && uuid !== undefined && uuid !== old.record.uuid)
      throw new CtrError(
        'CTR_EXISTS',
        `cannot define network '${name}': there is one of this name, by uuid ${old.record.uuid}`,
        {
          hint: `ctr net undefine ${name}, or take its uuid`,
        },
      );
    if (old !== undefined && options.transient === true)
      throw new CtrError('CTR_EXISTS', `cannot create network '${name}': one of this name is defined`, {
        hint: `ctr net start ${name}`,
      });
    checkSubnets(paths, network);
    const record = makeNetworkRecord(paths, network, old?.record, options.transient === true);
    await writeNetwork(paths, name, text, record);
    await forgetCompiled(paths);
    return {
      name,
      uuid: record.uuid,
      replaced: old !== undefined,
      renderedWarnings: renderDiagnostics(warnings, text),
    };
  });
}

/** @throws CtrError CTR_BAD_CONFIG when a subnet is that of another network, or the host has a route into it that is none of ours */
function checkSubnets(paths: Paths, { spec }: ParsedNetwork): void {
  for (const ip of spec.ips) {
    for (const other of listNetworkNames(paths.stateDir).filter((name) => name !== spec.name)) {
      const clash = loadNetwork(paths, other)?.spec.ips.find((theirs) => overlaps(theirs, ip));
      if (clash !== undefined)
        throw new CtrError(
          'CTR_BAD_CONFIG',
          `cannot define network '${spec.name}': its ${ip.address}/${ip.prefix} overlaps ${clash.address}/${clash.prefix} of network '${other}'`,
        );
    }
  }
}

/** Forgets a network; one that is active becomes transient. @throws CtrError CTR_NOT_FOUND */
export async function undefineNetwork(name: string, options: CtrOptions = {}): Promise<void> {
  requireRoot('undefine networks');
  checkName(name);
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  await withNetworksLock(paths, helper, async () => {
    const stored = readNetwork(paths, name);
    if (stored === undefined)
      throw new CtrError('CTR_NOT_FOUND', `cannot undefine network '${name}': no network of that name is defined`);
    if (networkState(paths, name).active)
      await writeNetwork(paths, name, stored.text, { ...stored.record, autostart: false, transient: true });
    else await removeWithRunDir(paths, helper, name);
    await forgetCompiled(paths);
  });
}

/** Its files on both sides. @throws CtrError CTR_IO */
export async function removeWithRunDir(paths: Paths, helper: string, name: string): Promise<void> {
  await withNetworkLock(paths, helper, name, async (dir) => {
    await removeNetwork(paths, name);
    await rm(dir, { recursive: true, force: true });
  });
}

/** Whether it stays without a container, as if it had been started. @throws CtrError CTR_NOT_FOUND */
export async function autostartNetwork(name: string, autostart: boolean, options: CtrOptions = {}): Promise<void> {
  requireRoot('change networks');
  checkName(name);
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  await requireNetwork('change', paths, helper, name);
  await withNetworksLock(paths, helper, async () => {
    const stored = readNetwork(paths, name);
    if (stored !== undefined) await writeNetwork(paths, name, stored.text, { ...stored.record, autostart });
  });
}

/** libvirt's text of a network, with what ctr chose. @throws CtrError CTR_NOT_FOUND */
export async function dumpNetwork(name: string, options: CtrOptions = {}): Promise<string> {
  checkName(name);
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  const { parsed, stored } = await requireNetwork('dump', paths, helper, name);
  return formatNetworkXml(completeNetwork(parsed.document, stored.record));
}

export interface NetworkEdit {
  /** As it is stored. */
  readonly text: string;
  /** Stores the changed text; undefined when it is as it was. @throws as `defineNetwork`; CTR_LOCKED when it was changed meanwhile */
  readonly save: (text: string) => Promise<DefinedNetwork | undefined>;
}

/** @throws CtrError CTR_NOT_FOUND, CTR_BAD_NAME, CTR_NEED_ROOT */
export async function openNetworkEdit(name: string, options: CtrOptions = {}): Promise<NetworkEdit> {
  requireRoot('edit networks');
  checkName(name);
  const paths = openPaths(options);
  const { stored, parsed } = await requireNetwork('edit', paths, await findHelper(options.helper), name);
  const before = formatNetworkXml(completeNetwork(parsed.document, stored.record));
  const save = async (text: string) => {
    if (text === before) return undefined;
    if (readNetwork(paths, name)?.text !== stored.text)
      throw new CtrError('CTR_LOCKED', `cannot edit network '${name}': its definition was changed meanwhile`, {
        hint: `ctr net edit ${name} again shows what it is now`,
      });
    const { network } = parseNetwork(text, name);
    if (network.spec.name !== name)
      throw new CtrError('CTR_BAD_CONFIG', `cannot edit network '${name}': the text names '${network.spec.name}'`, {
        hint: 'ctr net define takes it as another network',
      });
    return defineNetwork(text, { ...options, file: name });
  };
  return { text: before, save };
}

/** Containers are compiled anew: their plans say which network's they go with. */
async function forgetCompiled(paths: Paths): Promise<void> {
  for (const name of listNames(paths.runDir))
    await rm(join(containerRunDir(paths, name), 'compiled.key'), { force: true });
}
