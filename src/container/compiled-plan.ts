/** The compiled container: what a start executes, left in the run directory before the start. docs/architecture.md */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { encodePlan } from '../exec/encode.js';
import { findHelper, keyByHelper } from '../exec/helper.js';
import { replaceFile } from '../system/atomic-file.js';
import { debug } from '../system/log.js';
import { containerRunDir, containerStateDir, type Paths } from '../system/paths.js';
import { readHostFacts } from '../system/read-host-facts.js';
import { checkStartable } from './check-startable.js';
import { compile } from './compile.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { ensureViews } from './ensure-views.js';
import { type JoinedNetworks, joinNetworks } from './join-networks.js';
import { loadFormatsOf } from './load-formats-of.js';
import { readSpec } from './read-spec.js';
import { formatCompiledDefinition } from './running-spec.js';

/**
 * Compiles the definition of now and writes `compiled.definition` and `compiled`, each at once. The caller holds the container's lock
 * and has made its run directory.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_BAD_CONFIG, CTR_BAD_STATE, CTR_START_FAILED, CTR_UNSUPPORTED, CTR_IO
 */
export async function compilePlan(name: string, options: CtrOptions = {}): Promise<void> {
  checkName(name);
  const paths = openPaths(options);
  await loadFormatsOf(name, options);
  const stored = readSpec('start', paths, name);
  const { spec, record, path } = stored;
  checkStartable(spec);
  const networks = await joinFor(paths, options.helper, spec, record.uuid);
  const views = await ensureViews(paths, await findHelper(options.helper), spec);
  const host = { ...readHostFacts(paths, name), views };
  const plan = encodePlan(compile(spec, host, { uuid: record.uuid, definition: path, networks }));
  const dir = containerRunDir(paths, name);
  await replaceFile(join(dir, 'compiled.definition'), formatCompiledDefinition(stored));
  await replaceFile(join(dir, 'compiled'), plan);
}

/** What a container gets of its networks. An ordinary user's are none of the host's. @throws as `joinNetworks` */
export async function joinFor(
  paths: Paths,
  helper: string | undefined,
  spec: ContainerSpec,
  uuid: string,
): Promise<JoinedNetworks> {
  if (process.geteuid?.() !== 0 || !spec.interfaces.some(({ type }) => type === 'network')) return new Map();
  return joinNetworks(paths, await findHelper(helper), spec, uuid);
}

/**
 * Compiles a definition that was just stored, so that its first start need not. One that cannot be compiled on this host, or not
 * yet, stays without a plan: its start says why. The caller holds the container's lock.
 *
 * @returns what this host cannot give, completing "cannot start 'NAME': "; a root that is not there yet is none of it
 */
export async function compileAhead(paths: Paths, helper: string, name: string): Promise<string | undefined> {
  const dir = containerRunDir(paths, name);
  try {
    // Before the compiler looks: what changes meanwhile makes the plan stale. Without its key no plan is used.
    const key = await keyByHelper(helper, containerStateDir(paths, name), dir);
    await rm(join(dir, 'compiled.key'), { force: true });
    await compilePlan(name, paths);
    await replaceFile(join(dir, 'compiled.key'), key);
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    debug(`compile '${name}': ${error.message}`);
    if (error.code !== 'CTR_UNSUPPORTED' && error.code !== 'CTR_BAD_CONFIG') return undefined;
    const start = `cannot start '${name}': `;
    return error.message.startsWith(start) ? error.message.slice(start.length) : error.message;
  }
  return undefined;
}
