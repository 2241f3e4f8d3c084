import { describe, expect, test } from 'vitest';
import { computeState, describeExit, type Evidence } from '../../../src/state/compute-state.js';
import type { ExitRecord, RunRecord } from '../../../src/state/records.js';

const RUN: RunRecord = {
  boot: 'boot-1',
  pid: 10,
  start: '100',
  monitor: 9,
  monitorStart: '99',
  since: 1000,
  generation: 0,
  consoles: 1,
};
const EXIT: ExitRecord = { boot: 'boot-1', since: 1000, time: 2000, status: 0, reason: 'exited' };

function stateOf(evidence: Partial<Evidence>) {
  return computeState({
    bootId: 'boot-1',
    run: undefined,
    exit: undefined,
    hasPlan: true,
    initAlive: false,
    monitorAlive: false,
    frozen: false,
    ...evidence,
  });
}

describe('computeState', () => {
  test('nothing on disk is stopped, and nothing remains', () => {
    expect(stateOf({ hasPlan: false })).toEqual({ state: 'stopped', remains: false, settling: false });
  });

  test('a plan alone is a start that is under way or was cut off', () => {
    expect(stateOf({})).toEqual({ state: 'stopped', remains: true, settling: false });
  });

  test('both processes alive is running, frozen ones are paused', () => {
    const alive = { run: { value: RUN }, initAlive: true, monitorAlive: true };
    expect(stateOf(alive)).toEqual({ state: 'running', remains: false, settling: false });
    expect(stateOf({ ...alive, frozen: true }).state).toBe('paused');
  });

  test('an exit record of an earlier run does not end this one', () => {
    const exit = { value: { ...EXIT, since: 1 } };
    expect(stateOf({ run: { value: RUN }, exit, initAlive: true, monitorAlive: true }).state).toBe('running');
  });

  test('a monitor that cleans up is waited for', () => {
    const evidence = { run: { value: RUN }, exit: { value: EXIT }, monitorAlive: true };
    expect(stateOf(evidence)).toEqual({ state: 'stopped', remains: false, settling: true });
  });

  test('a monitor between two inits is waited for, and runs', () => {
    expect(stateOf({ run: { value: RUN }, monitorAlive: true })).toEqual({
      state: 'running',
      remains: false,
      settling: true,
    });
  });

  test('without its monitor it is crashed and something remains, init or not', () => {
    const crashed = { state: 'crashed', reason: 'monitor lost', remains: true, settling: false };
    expect(stateOf({ run: { value: RUN } })).toEqual(crashed);
    expect(stateOf({ run: { value: RUN }, initAlive: true })).toEqual(crashed);
  });

  test('state of another boot is stopped, whatever has the pids now', () => {
    const evidence = { run: { value: RUN }, bootId: 'boot-2', initAlive: true, monitorAlive: true };
    expect(stateOf(evidence)).toEqual({ state: 'stopped', reason: 'host restarted', remains: true, settling: false });
  });

  test('damaged files are unknown, with the reason', () => {
    expect(stateOf({ run: { unreadable: "'/x' is damaged" } })).toEqual({
      state: 'unknown',
      reason: "state unreadable: '/x' is damaged",
      remains: true,
      settling: false,
    });
    expect(stateOf({ exit: { unreadable: "'/y' is damaged" } })).toMatchObject({ state: 'unknown', remains: true });
  });

  test.for([
    [{ reason: 'exited', status: 0 }, 'stopped'],
    [{ reason: 'exited', status: 3 }, 'crashed'],
    [{ reason: 'killed', signal: 9 }, 'crashed'],
    [{ reason: 'oom', signal: 9 }, 'crashed'],
    [{ reason: 'failed' }, 'crashed'],
    [{ reason: 'lost' }, 'crashed'],
    [{ reason: 'stopped', signal: 9 }, 'stopped'],
    [{ reason: 'stopped', status: 3 }, 'stopped'],
    [{ reason: 'poweroff' }, 'stopped'],
    [{ reason: 'reboot' }, 'stopped'],
  ] as const)('an end by %j is %s', ([end, state]) => {
    const exit = { boot: 'boot-1', since: 1, time: 2, ...end };
    expect(stateOf({ exit: { value: exit } })).toMatchObject({ state, remains: false });
  });
});

test('describeExit says how it ended', () => {
  expect(describeExit(EXIT)).toBe('exit status 0');
  expect(describeExit({ ...EXIT, reason: 'oom' })).toBe('out of memory');
  const { status: _, ...killed } = EXIT;
  expect(describeExit({ ...killed, reason: 'stopped', signal: 9 })).toBe('stopped, killed by signal KILL');
  expect(describeExit({ ...killed, reason: 'stopped', signal: 2 })).toBe('stopped, powered off');
});
