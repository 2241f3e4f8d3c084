/** Reads the evidence about a container and computes its state. Synchronous: `list` does this for each of thousands. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isFrozen } from '../system/freezer.js';
import { containerRunDir, type Paths } from '../system/paths.js';
import { isProcessAlive } from '../system/procfs.js';
import { readSmallFile } from '../system/read-small-file.js';
import { type ComputedState, computeState, type Evidence, type Found } from './compute-state.js';
import type { GatheredContainer } from './parse-evidence.js';
import { type ExitRecord, parseExitRecord, parseRunRecord, type RunRecord } from './records.js';

export interface ContainerStatus extends ComputedState {
  readonly run?: RunRecord;
  readonly exit?: ExitRecord;
  readonly initAlive: boolean;
  readonly monitorAlive: boolean;
}

/** State of one container; damaged files give state `unknown` with the reason, never an error. */
export function readStatus(paths: Paths, name: string, bootId: string): ContainerStatus {
  const dir = containerRunDir(paths, name);
  const run = readRecord(join(dir, 'state'), parseRunRecord);
  const exit = readRecord(join(dir, 'exit'), parseExitRecord);
  const record = run !== undefined && 'value' in run && run.value.boot === bootId ? run.value : undefined;
  const initAlive = record !== undefined && isProcessAlive(record.pid, record.start);
  const monitorAlive = record !== undefined && isProcessAlive(record.monitor, record.monitorStart);
  const hasPlan = run === undefined && exit === undefined && existsSync(join(dir, 'plan'));
  const frozen = record !== undefined && initAlive && isFrozen(record.pid);
  return statusOf({ bootId, run, exit, hasPlan, initAlive, monitorAlive, frozen });
}

/** The same from what the front door has gathered. */
export function gatheredStatus(paths: Paths, gathered: GatheredContainer, bootId: string): ContainerStatus {
  const { name, state, exit, initAlive, monitorAlive, frozen, hasPlan } = gathered;
  if (gathered.unclear) return readStatus(paths, name, bootId);
  const dir = containerRunDir(paths, name);
  return statusOf({
    bootId,
    run: state === undefined ? undefined : parseRecord(join(dir, 'state'), state, parseRunRecord),
    exit: exit === undefined ? undefined : parseRecord(join(dir, 'exit'), exit, parseExitRecord),
    hasPlan,
    initAlive,
    monitorAlive,
    frozen,
  });
}

function statusOf(evidence: Evidence): ContainerStatus {
  const { run, exit, initAlive, monitorAlive } = evidence;
  return {
    ...computeState(evidence),
    ...(run !== undefined && 'value' in run ? { run: run.value } : {}),
    ...(exit !== undefined && 'value' in exit ? { exit: exit.value } : {}),
    initAlive,
    monitorAlive,
  };
}

function readRecord<T>(path: string, parse: (text: string) => T | undefined): Found<T> {
  const file = readSmallFile(path);
  if (file.kind === 'missing') return undefined;
  if (file.kind === 'unreadable') return { unreadable: `'${path}' ${file.reason}` };
  return parseRecord(path, file.text, parse);
}

function parseRecord<T>(path: string, text: string, parse: (text: string) => T | undefined): Found<T> {
  const value = parse(text);
  return value === undefined ? { unreadable: `'${path}' is damaged` } : { value };
}
