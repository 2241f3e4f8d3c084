/** container.json: what ctr notes about a definition. Pure, and without a schema library: `list` reads one per container. */

export interface ContainerRecord {
  readonly format: 'libvirt';
  readonly uuid: string;
  /** ISO 8601. */
  readonly definedAt: string;
  /** `rootfs/` beside this file was made by ctr and may be removed by it. */
  readonly rootfsMadeByCtr: boolean;
  /** Host ids of its id map: a new container gets others. */
  readonly idRanges: readonly { readonly outside: number; readonly count: number }[];
}

/** The record, or undefined when the text is none. */
export function parseContainerRecord(text: string): ContainerRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, uuid, definedAt, rootfsMadeByCtr, idRanges } = value as Record<string, unknown>;
  if (format !== 'libvirt' || typeof uuid !== 'string' || typeof definedAt !== 'string') return undefined;
  if (typeof rootfsMadeByCtr !== 'boolean' || !Array.isArray(idRanges ?? [])) return undefined;
  return { format, uuid, definedAt, rootfsMadeByCtr, idRanges: ((idRanges ?? []) as unknown[]).filter(isIdRange) };
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
