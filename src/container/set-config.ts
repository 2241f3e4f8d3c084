/** Limits of a definition: in its text where the format has words for them, else beside it. docs/adr/0013 */
import { planCgroups } from '../cgroups/plan-groups.js';
import {
  type Assignments,
  compareSpecs,
  type Definition,
  type EditedLimits,
  editLimits,
  FORMAT_TITLES,
  withLimits,
} from '../config/index.js';
import { CtrError } from '../errors.js';
import type { ContainerRecord } from '../state/container-record.js';
import { readDefinition, type StoredDefinition } from '../state/store.js';
import type { Paths } from '../system/paths.js';
import { readHostFacts } from '../system/read-host-facts.js';
import { storeDefinition } from './define.js';
import { parseStored } from './read-spec.js';
import { withStoreLock } from './with-lock.js';

export interface PlannedLimits {
  readonly before: StoredDefinition;
  readonly text: string;
  readonly record: ContainerRecord;
  readonly notes: readonly string[];
}

/**
 * What a definition becomes.
 *
 * @throws CtrError CTR_BAD_LIMIT, CTR_BAD_CONFIG, CTR_UNSUPPORTED (this host has not what a limit needs), CTR_NOT_FOUND, CTR_BAD_STATE
 */
export function planConfigLimits(paths: Paths, name: string, assignments: Assignments): PlannedLimits {
  const before = readDefinition('set limits of', paths, name);
  const { definition } = parseStored(before);
  const changed = withLimits(definition, assignments);
  planCgroups({ spec: changed.spec, devices: [], hasUserNamespace: true }, readHostFacts(paths, name));
  const { limits, ...rest } = before.record;
  const keys = [...Object.keys(limits ?? {}), ...assignments.map(([key]) => key)];
  const edited = writeWords(before, changed, keys);
  if (edited !== undefined) {
    const lost = edited.isReprint && /<!--/.test(before.text) ? ' without its comments' : '';
    const notes = edited.isReprint && edited.text !== before.text ? [`its text is printed anew${lost}`] : [];
    return { before, text: edited.text, record: rest, notes };
  }
  const record = { ...rest, limits: { ...limits, ...Object.fromEntries(assignments) } };
  const notes = [`kept beside its text: ${FORMAT_TITLES[rest.format]} has no words for it`];
  return { before, text: before.text, record, notes };
}

/** Undefined where the text cannot say all of them, or would say something else besides. */
function writeWords(stored: StoredDefinition, changed: Definition, keys: readonly string[]): EditedLimits | undefined {
  const { text, record } = stored;
  const edited = editLimits(text, record.format, changed, keys);
  if (edited === undefined) return undefined;
  const { limits: _, ...rest } = record;
  try {
    const again = parseStored({ ...stored, text: edited.text, record: rest });
    return compareSpecs(changed.spec, again.spec).length === 0 ? edited : undefined;
  } catch {
    return undefined;
  }
}

/** @returns what there is to say @throws CtrError CTR_LOCKED (it was changed meanwhile), CTR_IO */
export async function storeConfigLimits(
  paths: Paths,
  helper: string,
  name: string,
  { before, text, record, notes }: PlannedLimits,
): Promise<readonly string[]> {
  const refusal = await withStoreLock(paths, helper, async () => {
    const now = readDefinition('set limits of', paths, name);
    if (now.text !== before.text || JSON.stringify(now.record) !== JSON.stringify(before.record)) {
      throw new CtrError('CTR_LOCKED', `cannot set limits of '${name}': its definition was changed meanwhile`);
    }
    const { sources } = before;
    return storeDefinition(paths, helper, name, { text, record, ...(sources === undefined ? {} : { sources }) });
  });
  return refusal === undefined ? notes : [...notes, `'${name}' will not start: ${refusal}`];
}
