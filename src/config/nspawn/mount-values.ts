/** Values of the settings that mount something. systemd-nspawn(1), --bind=, --tmpfs=, --overlay= */
import { quote } from '../display-text.js';
import type { AccessMode, MountFlag } from '../spec.js';
import { isSource } from './parse-paths.js';
import type { CustomMount } from './settings.js';
import { escapeColons, splitColons } from './split-words.js';

/** `undefined`: not what the setting takes. `refused`: nspawn takes it, and no start can make it. */
export type MountReading = { readonly mount: CustomMount } | { readonly refused: string } | undefined;

/** A tmpfs is mounted with these unless its options say otherwise. */
const TMPFS_FLAGS: readonly MountFlag[] = ['nodev', 'strictatime'];
const TMPFS_MODE = 0o755;
/** The kernel's mode of a tmpfs, which holds where there are options and no mode. */
const KERNEL_MODE = 0o1777;

const ID_OPTIONS: ReadonlyMap<string, AccessMode> = new Map([
  ['noidmap', 'passthrough'],
  ['idmap', 'mapped'],
  ['rootidmap', 'owner'],
  ['owneridmap', 'target-owner'],
]);

const FLAGS: readonly MountFlag[] = [
  'nosuid',
  'nodev',
  'noexec',
  'noatime',
  'nodiratime',
  'relatime',
  'strictatime',
  'sync',
  'dirsync',
  'nosymfollow',
];
const UNSET: ReadonlyMap<string, MountFlag> = new Map([
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['atime', 'noatime'],
  ['diratime', 'nodiratime'],
  ['norelatime', 'relatime'],
  ['nostrictatime', 'strictatime'],
  ['async', 'sync'],
]);
/** Each takes the place of the others. */
const ACCESS_TIMES: readonly MountFlag[] = ['noatime', 'relatime', 'strictatime'];

const isAbsolute = (path: string): boolean => path.startsWith('/');

/** `SRC[:DST[:OPTIONS]]`. An empty source is a fresh directory: a tmpfs. */
export function readBind(value: string, readonly: boolean): MountReading {
  const split = splitColons(value, 2);
  if (split === undefined) return undefined;
  const [source = '', written] = split.parts;
  const target = written ?? source.replace(/^\+/, '');
  if (!isAbsolute(target)) return undefined;
  const options = readBindOptions(split.rest ?? '');
  if ('unknown' in options) return { refused: `unknown option ${quote(options.unknown)}` };
  const { recursive, accessMode } = options;
  if (source === '') return { mount: { type: 'ram', target, readonly, flags: TMPFS_FLAGS, mode: TMPFS_MODE } };
  if (!isSource(source)) return { refused: `source ${quote(source)} is not absolute` };
  if (isAbsolute(source))
    return { mount: { type: 'mount', source, target, readonly, accessMode, recursive, flags: [] } };
  if (accessMode !== 'passthrough') return { refused: 'ids of a path inside cannot be mapped' };
  return { mount: { type: 'bind', source: source.slice(1), target, readonly, recursive } };
}

function readBindOptions(
  text: string,
): { readonly recursive: boolean; readonly accessMode: AccessMode } | { readonly unknown: string } {
  let recursive = true;
  let accessMode: AccessMode = 'passthrough';
  for (const option of text.split(',').filter((word) => word !== '')) {
    const mode = ID_OPTIONS.get(option);
    if (mode !== undefined) accessMode = mode;
    else if (option === 'rbind' || option === 'norbind') recursive = option === 'rbind';
    else return { unknown: option };
  }
  return { recursive, accessMode };
}

/** A bind as `readBind` reads it back. */
export function printBind(mount: Extract<CustomMount, { type: 'mount' | 'bind' }>): string {
  const idOption = mount.type === 'bind' ? undefined : nameIdOption(mount.accessMode);
  const options = [mount.recursive === false ? 'norbind' : undefined, idOption].filter(
    (option) => option !== undefined,
  );
  // White space at the end of a line is lost
  if (options.length === 0 && /[ \t]$/.test(mount.target)) options.push('rbind');
  const source = `${mount.type === 'bind' ? '+' : ''}${escapeColons(mount.source)}`;
  if (options.length > 0) return [source, escapeColons(mount.target), options.join(',')].join(':');
  return mount.source === mount.target ? source : `${source}:${escapeColons(mount.target)}`;
}

function nameIdOption(accessMode: AccessMode): string | undefined {
  if (accessMode === 'passthrough') return undefined;
  return [...ID_OPTIONS].find(([, mode]) => mode === accessMode)?.[0];
}

/** `PATH[:OPTIONS]`. */
export function readTmpfs(value: string): MountReading {
  const split = splitColons(value, 1);
  const target = split?.parts[0] ?? '';
  if (!isAbsolute(target)) return undefined;
  const options = (split?.rest ?? '').split(',').filter((option) => option !== '');
  let flags: readonly MountFlag[] = TMPFS_FLAGS;
  let readonly = false;
  let mode = options.length === 0 ? TMPFS_MODE : KERNEL_MODE;
  let sizeBytes: number | undefined;
  const data: string[] = [];
  for (const option of options) {
    const flag = FLAGS.find((known) => known === option);
    const unset = UNSET.get(option);
    const modeText = /^mode=0*([0-7]{1,4})$/.exec(option)?.[1];
    const size = readTmpfsSize(option);
    if (option === 'ro' || option === 'rw') readonly = option === 'ro';
    else if (flag !== undefined) flags = addFlag(flags, flag);
    else if (unset !== undefined) flags = flags.filter((set) => set !== unset);
    else if (modeText !== undefined) mode = Number.parseInt(modeText, 8);
    else if (size !== undefined) sizeBytes = size;
    else data.push(option);
  }
  return {
    mount: {
      type: 'ram',
      target,
      readonly,
      flags: FLAGS.filter((flag) => flags.includes(flag)),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      mode,
      ...(data.length === 0 ? {} : { data: data.join(',') }),
    },
  };
}

/** Whole bytes; `10%` and no limit (0) stay as they are written. tmpfs(5) */
function readTmpfsSize(option: string): number | undefined {
  const match = /^size=(\d{1,15})([kmgtpe]?)$/i.exec(option);
  const power = 'kmgtpe'.indexOf(match?.[2]?.toLowerCase() || '-') + 1;
  const bytes = Number(match?.[1]) * 1024 ** power;
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

function addFlag(flags: readonly MountFlag[], flag: MountFlag): readonly MountFlag[] {
  return [...flags.filter((set) => set !== flag && !(ACCESS_TIMES.includes(flag) && ACCESS_TIMES.includes(set))), flag];
}

/** A tmpfs as `readTmpfs` reads it back. */
export function printTmpfs({
  target,
  readonly,
  flags = TMPFS_FLAGS,
  sizeBytes,
  mode = KERNEL_MODE,
  data,
}: Extract<CustomMount, { type: 'ram' }>): string {
  const others = [
    ...(readonly ? ['ro'] : []),
    ...flags.filter((flag) => !TMPFS_FLAGS.includes(flag)),
    ...(flags.includes('nodev') ? [] : ['dev']),
    ...(flags.some((flag) => ACCESS_TIMES.includes(flag)) ? [] : ['nostrictatime']),
    ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]),
    ...(data === undefined ? [] : [data]),
  ];
  const path = escapeColons(target);
  if (others.length === 0 && mode === TMPFS_MODE && !/[ \t]$/.test(target)) return path;
  const modeOption = mode === KERNEL_MODE && others.length > 0 ? [] : [`mode=${mode.toString(8).padStart(4, '0')}`];
  return `${path}:${[...modeOption, ...others].join(',')}`;
}

/** `LOWER[:LOWER…]:UPPER:DST`, the lowest first, or `LOWER:UPPER` with the destination of the same name. */
export function readOverlay(value: string, readonly: boolean): MountReading {
  const split = splitColons(value);
  const paths = split?.parts ?? [];
  const [first = '', second = ''] = paths;
  const isPair = paths.length === 2;
  const lowers = isPair ? [first] : paths.slice(0, -2);
  const upper = isPair ? second : (paths.at(-2) ?? '');
  const target = isPair ? second.replace(/^\+/, '') : (paths.at(-1) ?? '');
  if (lowers.length === 0 || lowers.includes('') || !isAbsolute(target)) return undefined;
  const relative = [...lowers, ...(upper === '' ? [] : [upper])].find((path) => !isSource(path));
  if (relative !== undefined) return { refused: `path ${quote(relative)} is not absolute` };
  return {
    mount: { type: 'overlay', target, readonly, lowers, flags: [], ...(upper === '' ? {} : { upper }) },
  };
}

/** An overlay as `readOverlay` reads it back. */
export function printOverlay({ lowers, upper = '', target }: Extract<CustomMount, { type: 'overlay' }>): string {
  return [...lowers, upper, target].map((path) => escapeColons(path)).join(':');
}
