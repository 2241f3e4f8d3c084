/** What state a container is in. Never stored, always computed. Pure. */
import { signalName } from '../system/signals.js';
import type { ExitReason, ExitRecord, RunRecord } from './records.js';

const SIGHUP = 1;
const SIGINT = 2;

export type StateName = 'running' | 'paused' | 'stopped' | 'crashed' | 'unknown';

/** A record as found on disk. */
export type Found<T> = { readonly value: T } | { readonly unreadable: string } | undefined;

export interface Evidence {
  readonly bootId: string;
  readonly run: Found<RunRecord>;
  readonly exit: Found<ExitRecord>;
  /** There is a plan. A start writes it first; whoever ends a container leaves it beside the exit record. */
  readonly hasPlan: boolean;
  /** The recorded process (pid and start time) still runs. */
  readonly initAlive: boolean;
  readonly monitorAlive: boolean;
  /** The freezer holds it. */
  readonly frozen: boolean;
}

export interface ComputedState {
  readonly state: StateName;
  /** In words, when the state alone does not say enough. */
  readonly reason?: string;
  /** Something of it is left that nobody takes away any more, a damaged file included: clean up before the next start. */
  readonly remains: boolean;
  /** Its monitor is busy: ending (state `stopped`, `crashed`) or between two inits (state `running`). */
  readonly settling: boolean;
}

/** The state that follows from the evidence. */
export function computeState(evidence: Evidence): ComputedState {
  const { run } = evidence;
  if (run !== undefined && 'unreadable' in run) {
    return { state: 'unknown', reason: `state unreadable: ${run.unreadable}`, remains: true, settling: false };
  }
  if (run === undefined) {
    const end = ended(evidence.exit);
    // Either under way (then its command holds the lock) or cut off.
    if (evidence.exit === undefined && evidence.hasPlan) return { ...end, remains: true, settling: false };
    return { ...end, remains: end.state === 'unknown', settling: false };
  }
  const record = run.value;
  if (record.boot !== evidence.bootId) {
    return { state: 'stopped', reason: 'host restarted', remains: true, settling: false };
  }
  const exit = exitOf(record, evidence.exit);
  if (evidence.monitorAlive) {
    if (exit?.preserved === true && !evidence.initAlive) {
      const end = ended(evidence.exit);
      const reason = end.reason === undefined ? 'preserved' : `${end.reason}, preserved`;
      return { ...end, reason, remains: true, settling: false };
    }
    if (exit !== undefined && !evidence.initAlive) {
      return { ...ended(evidence.exit), remains: false, settling: true };
    }
    const state = evidence.frozen && evidence.initAlive ? 'paused' : 'running';
    return { state, remains: false, settling: !evidence.initAlive };
  }
  // An init without a monitor has nobody who reaps it, serves its console or cleans up: it is ended by the next command.
  if (evidence.initAlive) return { state: 'crashed', reason: 'monitor lost', remains: true, settling: false };
  if (exit !== undefined) return { ...ended(evidence.exit), remains: true, settling: false };
  return { state: 'crashed', reason: 'monitor lost', remains: true, settling: false };
}

/** The exit record, when it belongs to this run and not to an earlier one. */
function exitOf(record: RunRecord, exit: Found<ExitRecord>): ExitRecord | undefined {
  if (exit === undefined || 'unreadable' in exit) return undefined;
  return exit.value.boot === record.boot && exit.value.since === record.since ? exit.value : undefined;
}

function ended(exit: Found<ExitRecord>): { state: StateName; reason?: string } {
  if (exit === undefined) return { state: 'stopped' };
  if ('unreadable' in exit) return { state: 'unknown', reason: `exit unreadable: ${exit.unreadable}` };
  return isCrash(exit.value) ? { state: 'crashed', reason: describeExit(exit.value) } : { state: 'stopped' };
}

/** libvirt's on_crash rule: ended by itself other than by power-off, reboot or status 0. */
function isCrash(exit: ExitRecord): boolean {
  if (exit.reason === 'exited') return exit.status !== 0;
  return exit.reason !== 'stopped' && exit.reason !== 'poweroff' && exit.reason !== 'reboot';
}

const REASON_WORDS: Partial<Record<ExitReason, string>> = {
  oom: 'out of memory',
  poweroff: 'powered off',
  reboot: 'rebooted',
  lost: 'monitor lost',
  failed: 'restart failed',
};

/** `exit status 7`, `killed by signal KILL`, `stopped, powered off`, `out of memory`, … */
export function describeExit(exit: Pick<ExitRecord, 'reason' | 'status' | 'signal' | 'gaveUp'>): string {
  const end = REASON_WORDS[exit.reason] ?? describeStatus(exit);
  const how = exit.reason === 'stopped' ? `stopped, ${end}` : end;
  return exit.gaveUp === undefined ? how : `${how}, after ${exit.gaveUp} restarts`;
}

function describeStatus({ status, signal }: Pick<ExitRecord, 'status' | 'signal'>): string {
  if (signal === undefined) return `exit status ${status ?? 0}`;
  // Nothing else ends the init of a pid namespace with these: they are the kernel's words for reboot(2).
  if (signal === SIGHUP) return 'rebooted';
  return signal === SIGINT ? 'powered off' : `killed by signal ${signalName(signal)}`;
}
