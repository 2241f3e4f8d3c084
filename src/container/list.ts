/** list: all containers and their states. Synchronous small reads, no parser: thousands are listed in well under a second. */
import { isContainerName } from '../config/name.js';
import type { StateName } from '../state/compute-state.js';
import { readStatus } from '../state/read-state.js';
import { isDefined, listNames, readContainerRecord } from '../state/store.js';
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
}

/** Running and paused containers, sorted by name; with `all` every one that is defined. A damaged one is listed as `unknown`. */
export function list(options: ListOptions = {}): ListEntry[] {
  const paths = openPaths(options);
  const bootId = readBootId();
  const names = new Set([...listNames(paths.stateDir), ...listNames(paths.runDir)]);
  const entries = [...names]
    .filter(isContainerName)
    .sort()
    .flatMap((name) => readEntry(paths, name, bootId) ?? []);
  return options.all ? entries : entries.filter(({ state }) => state === 'running' || state === 'paused');
}

function readEntry(paths: Paths, name: string, bootId: string): ListEntry | undefined {
  const status = readStatus(paths, name, bootId);
  // Storage that outlived its definition, or a run directory that did.
  if (status.run === undefined && !status.remains && !isDefined(paths, name)) return undefined;
  const record = readContainerRecord(paths, name);
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
  };
}
