/** list: all containers and their states. Synchronous small reads, no parser: thousands are listed in well under a second. */
import { isContainerName } from '../config/name.js';
import type { StateName } from '../state/compute-state.js';
import type { GatheredContainer } from '../state/parse-evidence.js';
import { type ContainerStatus, gatheredStatus, readStatus } from '../state/read-state.js';
import { isDefined, listNames, parseStoredRecord, readContainerRecord } from '../state/store.js';
import { takeEvidence } from '../state/take-evidence.js';
import type { Paths } from '../system/paths.js';
import { readBootId } from '../system/procfs.js';
import { type CtrOptions, openPaths } from './context.js';

export interface ListOptions extends CtrOptions {
  /** Those that do not run as well. */
  readonly all?: boolean | undefined;
}

export interface ListEntry {
  readonly name: string;
  readonly state: StateName;
  /** Why the state is what it is, where the word alone does not say enough. */
  readonly reason?: string;
  readonly uuid?: string;
  /** init, as the host sees it; only while it runs. */
  readonly pid?: number;
  readonly monitorPid?: number;
  /** When it was started, ISO 8601; only while it runs. */
  readonly since?: string;
  /** It runs and nothing defines it (a run): when it ends it is gone. */
  readonly transient?: true;
}

/** Running and paused containers, sorted by name; with `all` every one that is defined. A damaged one is listed as `unknown`. */
export function list(options: ListOptions = {}): ListEntry[] {
  const entries: ListEntry[] = [];
  for (const { entry } of eachListed(options)) entries.push(entry);
  return entries.sort(compareNames);
}

/** For `sort`. No two have the same name. */
export function compareNames(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** One that the front door has looked at may come with files that it has read. */
export interface ListedContainer {
  readonly entry: ListEntry;
  readonly files: ReadonlyMap<string, string> | undefined;
}

/** As `list`, in any order: each as soon as it is known, while the front door still looks at the next. */
export function* eachListed(options: ListOptions): Generator<ListedContainer> {
  const paths = openPaths(options);
  const bootId = readBootId();
  const isWanted = (entry: ListEntry | undefined): entry is ListEntry =>
    entry !== undefined && (options.all || entry.state === 'running' || entry.state === 'paused');
  const told = new Set<string>();
  const evidence = takeEvidence();
  for (let next = evidence.next(); ; next = evidence.next()) {
    if (next.done) {
      if (next.value) return;
      break;
    }
    told.add(next.value.name);
    const entry = gatheredEntry(paths, next.value, bootId);
    if (isWanted(entry)) yield { entry, files: next.value.files };
  }
  for (const source of readSources(paths, bootId, told)) {
    const entry = entryOf(source);
    if (isWanted(entry)) yield { entry, files: undefined };
  }
}

interface Source {
  readonly name: string;
  readonly status: ContainerStatus;
  readonly isDefined: boolean;
  readonly record: ReturnType<typeof readContainerRecord>;
}

function gatheredEntry(paths: Paths, gathered: GatheredContainer, bootId: string): ListEntry | undefined {
  const { name, running, frozen } = gathered;
  if (running === undefined) return entryOf(gatheredSource(paths, gathered, bootId));
  const { uuid, pid, monitorPid, since } = running;
  const state = frozen ? 'paused' : 'running';
  const entry: ListEntry = { name, state, uuid, pid, monitorPid, since: new Date(since).toISOString() };
  return gathered.isDefined ? entry : { ...entry, transient: true };
}

function gatheredSource(paths: Paths, gathered: GatheredContainer, bootId: string): Source {
  const { name, isDefined, record, unclear } = gathered;
  const status = gatheredStatus(paths, gathered, bootId);
  if (unclear) return { name, status, isDefined, record: readContainerRecord(paths, name) };
  return { name, status, isDefined, record: record === undefined ? undefined : parseStoredRecord(paths, name, record) };
}

/** @param told those that are known already */
function readSources(paths: Paths, bootId: string, told: ReadonlySet<string>): Source[] {
  const names = new Set([...listNames(paths.stateDir), ...listNames(paths.runDir)]);
  const unknown = [...names].filter((name) => isContainerName(name) && !told.has(name));
  return unknown.map((name) => ({
    name,
    status: readStatus(paths, name, bootId),
    isDefined: isDefined(paths, name),
    record: readContainerRecord(paths, name),
  }));
}

function entryOf({ name, status, isDefined, record }: Source): ListEntry | undefined {
  // Storage that outlived its definition, or a run directory that did.
  if (status.run === undefined && !status.remains && !isDefined) return undefined;
  const damaged = record !== undefined && 'unreadable' in record ? record.unreadable : undefined;
  const up = status.state === 'running' || status.state === 'paused';
  const reason = status.reason ?? damaged;
  return {
    name,
    state: damaged !== undefined && !up ? 'unknown' : status.state,
    ...(reason === undefined ? {} : { reason }),
    ...(record !== undefined && !('unreadable' in record) ? { uuid: record.uuid } : {}),
    ...(up && status.run !== undefined
      ? { pid: status.run.pid, monitorPid: status.run.monitor, since: new Date(status.run.since).toISOString() }
      : {}),
    ...(up && !isDefined ? { transient: true } : {}),
  };
}
