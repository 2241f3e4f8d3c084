/** container.json: what ctr notes about a definition. Pure, and without a schema library: `list` reads one per container. */
import type { TextFormat } from '../config/detect-format.js';

export interface ContainerRecord {
  /** How the text beside this file is written. */
  readonly format: TextFormat;
  readonly uuid: string;
  /** ISO 8601. */
  readonly definedAt: string;
  /** `rootfs/` beside this file was made by ctr and may be removed by it. */
  readonly rootfsMadeByCtr: boolean;
  /** Host ids of its id map: a new container gets others. Of a range that the text left to ctr this is the only place. */
  readonly idRanges: readonly { readonly outside: number; readonly count: number }[];
  /** Name that was given beside the text, instead of the text's own or for want of one. */
  readonly name?: string;
  /** Likewise the root directory, absolute. */
  readonly rootfs?: string;
  /** Directory that relative paths of the text start from, where they may be relative. Absolute. */
  readonly baseDir?: string;
  /** The text was found beside an image: it may restrict and no more. */
  readonly untrusted?: boolean;
  /** A root whose files have, or are being given, owners of the host's ids instead of an id-mapped mount. */
  readonly owned?: { readonly root: string; readonly done: boolean };
  /** Limits that were set and that the text has no words for, by their keys (docs/reference/limits.md). */
  readonly limits?: Readonly<Record<string, string>>;
  /** File beside this one with what the text's other files said. */
  readonly sources?: string;
  /** File beside this one with the text, as long as it has not taken the place of `definition`: then that one has it. */
  readonly pending?: string;
}

const FORMATS: ReadonlySet<unknown> = new Set<TextFormat>(['libvirt', 'nspawn', 'lxc', 'oci', 'json']);
const SOURCES_NAME = /^sources-[0-9a-f]{8}\.json$/;
const PENDING_NAME = /^definition-[0-9a-f]{8}$/;

/** The record, or undefined when the text is none. */
export function parseContainerRecord(text: string): ContainerRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, uuid, definedAt, rootfsMadeByCtr, idRanges, ...rest } = value as Record<string, unknown>;
  if (!FORMATS.has(format) || typeof uuid !== 'string' || typeof definedAt !== 'string') return undefined;
  if (typeof rootfsMadeByCtr !== 'boolean' || !Array.isArray(idRanges ?? [])) return undefined;
  const given = parseGiven(rest);
  if (given === undefined) return undefined;
  const ranges = ((idRanges ?? []) as unknown[]).filter(isIdRange);
  return { format: format as TextFormat, uuid, definedAt, rootfsMadeByCtr, idRanges: ranges, ...given };
}

/** What was given beside the text; undefined when it is nothing that ctr writes. */
function parseGiven({ name, rootfs, baseDir, untrusted, owned, limits, sources, pending }: Record<string, unknown>) {
  if (!isTextOrAbsent(name) || !isPathOrAbsent(rootfs) || !isPathOrAbsent(baseDir)) return undefined;
  if (untrusted !== undefined && typeof untrusted !== 'boolean') return undefined;
  if (owned !== undefined && !isOwned(owned)) return undefined;
  if (limits !== undefined && !isLimits(limits)) return undefined;
  if (!isTextOrAbsent(sources) || (sources !== undefined && !SOURCES_NAME.test(sources))) return undefined;
  if (!isTextOrAbsent(pending) || (pending !== undefined && !PENDING_NAME.test(pending))) return undefined;
  return {
    ...(name === undefined ? {} : { name }),
    ...(rootfs === undefined ? {} : { rootfs }),
    ...(baseDir === undefined ? {} : { baseDir }),
    ...(untrusted === undefined ? {} : { untrusted }),
    ...(owned === undefined ? {} : { owned }),
    ...(limits === undefined ? {} : { limits }),
    ...(sources === undefined ? {} : { sources }),
    ...(pending === undefined ? {} : { pending }),
  };
}

function isLimits(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function isPathOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.startsWith('/'));
}

function isOwned(value: unknown): value is NonNullable<ContainerRecord['owned']> {
  const { root, done } = Object(value) as Record<string, unknown>;
  return typeof root === 'string' && root.startsWith('/') && typeof done === 'boolean';
}

function isIdRange(value: unknown): value is ContainerRecord['idRanges'][number] {
  if (typeof value !== 'object' || value === null) return false;
  const { outside, count } = value as Record<string, unknown>;
  return Number.isSafeInteger(outside) && Number.isSafeInteger(count);
}

/** Readable with cat and jq. */
export function formatContainerRecord(record: ContainerRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
