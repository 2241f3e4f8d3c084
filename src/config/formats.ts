/**
 * What ctr reads and prints: one row a format, loaded when it is first needed. libvirt's is always there; the tables of the others
 * cost a command 3 to 5 ms each, which one that has no such file should not pay. The library loads all (`all-formats.ts`).
 */
import type { TextFormat } from './detect-format.js';
import type { Definition, ReadOptions, ReadResult } from './format.js';
import { type Completion, formatDomain } from './libvirt/format-libvirt-xml.js';
import { formatLibvirt, readLibvirt } from './libvirt/parse-libvirt-xml.js';

export interface FormatRow {
  readonly read: (text: string, options: FormatReadOptions) => ReadResult;
  /** @param completion what the definition does not say, for a format that has a word for it */
  readonly print: (definition: Definition, completion?: Completion) => string;
  /** As libvirt's own conversion reads it, where it has one. */
  readonly readLikeLibvirt?: (text: string, options: LikeLibvirtReadOptions) => ReadResult;
}

export interface FormatReadOptions extends ReadOptions {
  /** The text was found beside an image: it may restrict and no more. Only nspawn's settings are ever found so. */
  readonly untrusted?: boolean;
  /** Directory that relative paths of the text start from, absolute. */
  readonly baseDir?: string;
}

export interface LikeLibvirtReadOptions extends FormatReadOptions {
  /** Of the domain. */
  readonly uuid?: string;
  /** Path of `<emulator>`. */
  readonly emulator?: string;
}

const LIBVIRT: FormatRow = {
  read: readLibvirt,
  print: ({ spec, document }, completion) =>
    document === undefined ? formatLibvirt(spec, completion) : formatDomain(document, completion),
};

const LOADERS: Readonly<Record<TextFormat, () => Promise<FormatRow>>> = {
  libvirt: async () => LIBVIRT,
  nspawn: async () => (await import('./nspawn-format.js')).NSPAWN,
  lxc: async () => (await import('./lxc-format.js')).LXC,
  oci: async () => (await import('./oci-format.js')).OCI,
  json: async () => (await import('./json-format.js')).JSON_FORMAT,
};

const loaded = new Map<TextFormat, FormatRow>([['libvirt', LIBVIRT]]);

/** Makes a format ready; its readers and printers are synchronous from then on. */
export async function loadFormat(format: TextFormat): Promise<void> {
  if (!loaded.has(format)) loaded.set(format, await LOADERS[format]());
}

/** Makes formats ready that are imported already. */
export function addFormats(rows: Readonly<Partial<Record<TextFormat, FormatRow>>>): void {
  for (const [format, row] of Object.entries(rows)) loaded.set(format as TextFormat, row);
}

/** @throws TypeError for one that is not loaded: a fault of the caller */
export function findFormat(format: TextFormat): FormatRow {
  const row = loaded.get(format);
  if (row === undefined) throw new TypeError(`format ${format} is not loaded`);
  return row;
}
