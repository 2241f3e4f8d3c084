/** What a user gives: a file in some format, a directory with one in it, a bare tree. Found out what it is, and read. */
import { existsSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  BARE_TREE,
  detectFormat,
  FORMAT_TITLES,
  isContainerName,
  loadFormat,
  NAME_RULE,
  type TextFormat,
} from '../config/index.js';
import { CtrError } from '../errors.js';
import { containerStateDir } from '../system/paths.js';
import { openPaths } from './context.js';
import { checkRootDir, findRoot, findSettings, type SettingsMode } from './find-root.js';
import { readDefinitionFile } from './read-file.js';

export interface GivenOptions {
  /** Default: what name and text tell. */
  readonly format?: TextFormat | undefined;
  /** Name of the container instead of the text's. */
  readonly name?: string | undefined;
  /** Directory of the root instead of the text's. */
  readonly rootfs?: string | undefined;
}

export interface GivenText {
  readonly text: string;
  /** How messages call it. */
  readonly file: string;
  readonly format: TextFormat;
  /** Instead of the text's own. */
  readonly name?: string;
  /** Where the text has none. */
  readonly otherwiseNamed?: string;
  /** Absolute. */
  readonly rootfs?: string;
  /** Directory that relative paths of the text start from. */
  readonly baseDir?: string;
  /** Found beside an image. */
  readonly untrusted?: boolean;
}

/**
 * The text of a file; a directory stands for its `config.json` (an OCI bundle) or its `config` (LXC), `-` for stdin.
 *
 * @throws CtrError CTR_IO, CTR_BAD_CONFIG (unknown format), CTR_BAD_NAME, CTR_UNSUPPORTED (an image)
 */
export async function readGiven(path: string, options: GivenOptions = {}): Promise<GivenText> {
  const file = path === '-' ? path : fileOf(path);
  const given = describeText(await readDefinitionFile(file).catch((error) => refuse(path, error)), file, options);
  await loadFormat(given.format);
  return given;
}

/** Who gives the name of a container where a file is meant is told where its text is. */
function refuse(path: string, error: unknown): never {
  const isMissing = error instanceof CtrError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  if (!isMissing || !isContainerName(path)) throw error;
  if (!existsSync(join(containerStateDir(openPaths({}), path), 'definition'))) throw error;
  throw new CtrError('CTR_IO', error.message, {
    hint: `'${path}' is a container: ctr dumpxml ${path} > FILE writes its definition to a file`,
    cause: error.cause,
  });
}

/** The same of a text that is there already. @param file its path, or what to call it */
export function describeText(text: string, file: string, options: GivenOptions = {}): GivenText {
  const format = options.format ?? detectFormat(file, text);
  if (format === undefined) throw unknownFormat(file);
  const { name } = options;
  if (name !== undefined) checkGivenName(name, file);
  const rootfs = options.rootfs === undefined ? undefined : resolve(options.rootfs);
  if (rootfs !== undefined) checkRootDir(rootfs);
  const given = {
    text,
    file,
    format,
    ...(name === undefined ? {} : { name }),
    ...(rootfs === undefined ? {} : { rootfs }),
  };
  const place = file === '-' ? undefined : resolve(file);
  const named = place === undefined ? undefined : nameOfPlace(place, format);
  if (format === 'nspawn') return withTree(given, named, place);
  if (format === 'oci') return withBundle(given, named, place);
  return { ...given, ...(named === undefined ? {} : { otherwiseNamed: named }) };
}

/**
 * A tree without a file: with the settings that nspawn would find for it, else booted in a user namespace with a link of its own,
 * as `machinectl start` does.
 *
 * @param options.settings default `yes`
 * @throws CtrError CTR_IO, CTR_BAD_NAME, CTR_UNSUPPORTED
 */
export async function readGivenTree(
  rootfs: string,
  options: { readonly name?: string | undefined; readonly settings?: SettingsMode | undefined } = {},
): Promise<GivenText> {
  const root = resolve(rootfs);
  checkRootDir(root);
  const name = options.name ?? basename(root);
  checkGivenName(name, root);
  const found = findSettings(name, root, options.settings ?? 'yes');
  const format = 'nspawn';
  await loadFormat(format);
  if (found === undefined) return { text: BARE_TREE, file: root, format, name, rootfs: root };
  const text = await readDefinitionFile(found.path);
  return { text, file: found.path, format, name, rootfs: root, ...(found.trusted ? {} : { untrusted: true }) };
}

/** nspawn's files have no word for the name and none for the root. */
function withTree(given: GivenText, named: string | undefined, place: string | undefined): GivenText {
  const name = takeName(given, named);
  const rootfs = given.rootfs ?? findRoot(name, place === undefined ? undefined : dirname(place));
  return { ...given, name, ...(rootfs === undefined ? {} : { rootfs }) };
}

/** Neither has OCI's for the name. */
function withBundle(given: GivenText, named: string | undefined, place: string | undefined): GivenText {
  return { ...given, name: takeName(given, named), ...(place === undefined ? {} : { baseDir: dirname(place) }) };
}

function takeName({ name, file, format }: GivenText, named: string | undefined): string {
  const taken = name ?? named;
  if (taken === undefined) {
    const message = `cannot name the container of '${file}': ${FORMAT_TITLES[format]} has no word for it`;
    throw new CtrError('CTR_BAD_NAME', message, { hint: '--name NAME' });
  }
  checkGivenName(taken, file);
  return taken;
}

/** `web` of `web.nspawn`, `bundle` of `bundle/config.json`, `u1` of `u1/config` and of `u1.conf`. */
function nameOfPlace(place: string, format: TextFormat): string | undefined {
  const file = basename(place);
  if (format === 'nspawn') return file.replace(/\.nspawn$/, '');
  if (format === 'oci') return basename(dirname(place));
  if (format !== 'lxc') return undefined;
  return file === 'config' ? basename(dirname(place)) : file.replace(/\.(?:conf|config)$/, '');
}

function fileOf(path: string): string {
  let stat: Stats | undefined;
  try {
    stat = statSync(path, { throwIfNoEntry: false });
  } catch {
    // Reading it says why.
  }
  if (!stat?.isDirectory()) return path;
  const inside = ['config.json', 'config'].find((name) =>
    statSync(join(path, name), { throwIfNoEntry: false })?.isFile(),
  );
  if (inside !== undefined) return join(path, inside);
  throw new CtrError('CTR_IO', `cannot read '${path}': a directory with neither 'config.json' nor 'config' in it`, {
    hint: `ctr define --rootfs ${path} takes it as a root file system`,
  });
}

function checkGivenName(name: string, file: string): void {
  if (isContainerName(name)) return;
  throw new CtrError('CTR_BAD_NAME', `cannot name the container of '${file}' '${name}': a name is ${NAME_RULE}`, {
    hint: '--name gives it another',
  });
}

/** Where nspawn's trees usually are: of settings without one around. */
const USUAL_TREES = '/var/lib/machines';

/** The same for those who need no real root: nspawn's settings get the one that they most likely have. */
export function withUsualRoot(given: GivenText): GivenText {
  if (given.format !== 'nspawn' || given.rootfs !== undefined) return given;
  return { ...given, rootfs: join(USUAL_TREES, given.name ?? '') };
}

/** @throws CtrError CTR_IO when nspawn's settings have no tree */
export function requireTree(given: GivenText): void {
  if (given.format !== 'nspawn' || given.rootfs !== undefined) return;
  const { name = '', file } = given;
  const beside = file === '-' ? '' : `beside '${file}' or `;
  throw new CtrError(
    'CTR_IO',
    `cannot find the root file system of '${name}': no such directory ${beside}in ${USUAL_TREES}`,
    {
      hint: '--rootfs DIR names it',
    },
  );
}

function unknownFormat(file: string): CtrError {
  return new CtrError('CTR_BAD_CONFIG', `cannot read definition '${file}': neither name nor text tell its format`, {
    hint: '--format xml, nspawn, lxc, oci or json',
  });
}
