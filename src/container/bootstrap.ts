/** bootstrap: makes a root file system from a template and defines a container on it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { escapeXml } from '../config/libvirt/format-libvirt-xml.js';
import { CtrError } from '../errors.js';
import { giveTree } from '../exec/first-stage.js';
import { findHelper } from '../exec/helper.js';
import { bootstrapBusybox } from '../rootfs/bootstrap-busybox.js';
import { readTemplate, readTemplateDefinition } from '../rootfs/make-tree.js';
import type { ContainerRecord } from '../state/container-record.js';
import { adoptContainerDir, prepareStateDir, writeDefinitionFiles } from '../state/store.js';
import { readOrdinaryUser } from '../system/ordinary-user.js';
import { containerStateDir, type Paths } from '../system/paths.js';
import { readStartTime } from '../system/procfs.js';
import { readSettings } from '../system/read-settings.js';
import { reasonOf } from '../system/reason.js';
import type { Settings } from '../system/settings-rows.js';
import { createUndo } from '../system/undo.js';
import { checkLimits, chooseLimits, noteIds } from './bootstrap-as-user.js';
import { chooseNetwork, formatInterface } from './bootstrap-network.js';
import { checkFree } from './check-free.js';
import { compileAhead } from './compiled-plan.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { describeText } from './given-text.js';
import { readGivenSpec } from './read-spec.js';
import { removeTree } from './remove-tree.js';
import { chooseIds, hostIdRanges } from './taken-ids.js';
import { withContainerLock, withStoreLock } from './with-lock.js';

export const TEMPLATES = ['busybox'] as const;
export type TemplateName = (typeof TEMPLATES)[number];

export interface BootstrapOptions extends CtrOptions {
  readonly template: TemplateName;
  /** Default: the host's setting, else the template's. */
  readonly memoryBytes?: number | undefined;
  readonly pids?: number | undefined;
  /** Network that it connects to, or `none`. Default: `default` where this host has what networks need, else `none`. */
  readonly network?: string | undefined;
  /** Of root inside; default a random one. */
  readonly password?: string | undefined;
  /** Told what is being done, for a status line. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /** Gives up, and takes everything back, when aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface Bootstrapped {
  readonly name: string;
  readonly uuid: string;
  readonly rootfs: string;
  /** Who can log in on the console. The password is stored nowhere else. */
  readonly user: string;
  readonly password: string;
  /** What an ordinary user has to know of it, one line each. */
  readonly notes: readonly string[];
}

/**
 * Makes and defines a container: own user namespace with host ids that no other container has, own network namespace,
 * limits of memory and processes.
 *
 * @throws CtrError CTR_EXISTS, CTR_BOOTSTRAP_FAILED, CTR_MISSING_PROGRAM, CTR_BAD_CONFIG (settings); nothing is left behind then
 */
export async function bootstrap(name: string, options: BootstrapOptions): Promise<Bootstrapped> {
  checkName(name);
  const { onProgress = () => {}, signal, password = randomPassword() } = options;
  checkOptions(name, options.template, password);
  const paths = openPaths(options);
  const settings = readSettings();
  const helper = await findHelper(options.helper);
  const isRootAlone = readOrdinaryUser()?.subordinate.uid.length === 0;
  const limitNotes = checkLimits(name, options);
  const network = chooseNetwork(name, paths, options.network);
  checkDirFree(paths, name);
  prepareStateDir(paths);
  const undo = createUndo();
  try {
    const newDir = await makeNewDir(paths);
    undo.add(`remove ${newDir}`, () => removeTree(newDir, helper));
    const scratchDir = await mkdtemp(join(tmpdir(), 'ctr-bootstrap-'));
    undo.add(`remove ${scratchDir}`, () => rm(scratchDir, { recursive: true, force: true }));
    const root = join(newDir, 'rootfs');
    await mkdir(root);
    await chmod(root, 0o755);
    await bootstrapBusybox({ root, isRootAlone, name, password, scratchDir, onProgress, signal });
    signal?.throwIfAborted();
    onProgress('defining the container');
    const { uuid, notes } = await withStoreLock(paths, helper, () =>
      withContainerLock(paths, helper, name, async () => {
        const given = await adopt(paths, name, newDir, { ...options, network: network.name }, settings, helper);
        await compileAhead(paths, helper, name);
        return given;
      }),
    );
    await rm(scratchDir, { recursive: true, force: true });
    undo.clear();
    const rootfs = join(containerStateDir(paths, name), 'rootfs');
    return { name, uuid, rootfs, user: 'root', password, notes: [...limitNotes, ...network.notes, ...notes] };
  } catch (error) {
    await undo.run();
    if (error instanceof CtrError) throw error;
    const reason = signal?.aborted ? 'interrupted' : reasonOf(error);
    throw new CtrError('CTR_BOOTSTRAP_FAILED', `cannot bootstrap '${name}': ${reason}`, { cause: error });
  }
}

function checkOptions(name: string, template: string, password: string): void {
  if (!(TEMPLATES as readonly string[]).includes(template)) {
    throw new CtrError('CTR_USAGE', `cannot bootstrap '${name}': template '${template}' is unknown`, {
      hint: `templates: ${TEMPLATES.join(', ')}`,
    });
  }
  if (password === '' || /[\0\n]/.test(password)) {
    throw new CtrError('CTR_USAGE', `cannot bootstrap '${name}': the password is empty or holds a newline`);
  }
}

/** Said again, under the lock, by the rename. */
function checkDirFree(paths: Paths, name: string): void {
  if (lstatSync(containerStateDir(paths, name), { throwIfNoEntry: false }) === undefined) return;
  throw new CtrError('CTR_EXISTS', `cannot bootstrap '${name}': the name is taken`, {
    hint: `ctr undefine ${name} --remove-storage removes it with its storage`,
  });
}

/** Readable on a screen and typed without doubt: no 0 O 1 l I. */
function randomPassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  return Array.from(randomBytes(12), (byte) => letters[byte % letters.length]).join('');
}

/** Beside its final place, under a name that `gc` recognises as that of a command that may have died. */
async function makeNewDir(paths: Paths): Promise<string> {
  const owner = `${process.pid}-${readStartTime(process.pid) ?? 0}`;
  const dir = join(paths.stateDir, 'containers', `.new-${owner}-${randomBytes(4).toString('hex')}`);
  await mkdir(dir, { mode: 0o700 });
  return dir;
}

/** No limit, as libvirt writes it: 2^53 - 1 KiB. */
const UNLIMITED_BYTES = '9223372036854774784';

/** Gives out the ids, writes the definition and moves everything to its name. The caller holds both locks. */
async function adopt(
  paths: Paths,
  name: string,
  newDir: string,
  options: BootstrapOptions,
  settings: Settings,
  helper: string,
): Promise<Pick<Bootstrapped, 'uuid' | 'notes'>> {
  checkDirFree(paths, name);
  const template = await readTemplate(options.template);
  const user = readOrdinaryUser();
  const ids = chooseIds(paths, settings);
  const { memoryBytes, pids } = chooseLimits(options, settings, template, user !== undefined);
  const text = await readTemplateDefinition(options.template, {
    NAME: name,
    MEMORY_BYTES: memoryBytes === undefined ? UNLIMITED_BYTES : String(memoryBytes),
    PIDS_LIMIT: pids === undefined ? '' : `<ctr:pids max='${pids}'/>`,
    FIRST_UID: String(ids.uid.outside),
    FIRST_GID: String(ids.gid.outside),
    ID_COUNT: String(ids.uid.count),
    // The ids of a tree that an ordinary user makes are those of its container already.
    ACCESS_MODE: user === undefined ? 'mapped' : 'passthrough',
    INTERFACE: formatInterface(paths, options.network),
    ROOTFS: escapeXml(join(containerStateDir(paths, name), 'rootfs')),
  });
  const { spec } = readGivenSpec(describeText(text, `templates/${options.template}/domain.xml`));
  checkFree(paths, spec);
  const uuid = randomUUID();
  const record: ContainerRecord = {
    format: 'libvirt',
    uuid,
    definedAt: new Date().toISOString(),
    rootfsMadeByCtr: true,
    idRanges: hostIdRanges(paths, spec),
  };
  await writeDefinitionFiles(newDir, { text, record });
  const root = { uid: ids.uid.outside, gid: ids.gid.outside };
  if (user !== undefined) await giveTree(helper, user, join(newDir, 'rootfs'), root);
  await adoptContainerDir(paths, newDir, name);
  return { uuid, notes: user === undefined ? [] : noteIds(paths, name, user) };
}
