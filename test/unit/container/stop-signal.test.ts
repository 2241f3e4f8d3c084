import { describe, expect, test } from 'vitest';
import { chooseStopSignal, stopSignalFor } from '../../../src/container/stop-signal.js';

const set = (...signals: number[]) => signals.reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n);
const [TERM, USR2, PWR, RTMIN_3] = [15, 12, 30, 37];

describe('stopSignalFor', () => {
  test.for([
    ['systemd', { exe: '/usr/lib/systemd/systemd', comm: 'systemd', sigCgt: set(TERM), sigBlk: 0n }, RTMIN_3],
    ['BusyBox init', { exe: '/bin/busybox', comm: 'init', sigCgt: set(20), sigBlk: 0n }, USR2],
    ['a script called init', { exe: '/bin/busybox', comm: 'init', sigCgt: set(TERM, 17), sigBlk: 0n }, TERM],
    ['BusyBox linuxrc', { exe: '/bin/busybox', comm: 'linuxrc', sigCgt: set(USR2, TERM), sigBlk: 0n }, USR2],
    ['BusyBox that blocks its signals', { exe: '/bin/busybox', comm: 'x', sigCgt: 0n, sigBlk: set(USR2) }, USR2],
    ['a BusyBox shell with a handler', { exe: '/bin/busybox', comm: 'sh', sigCgt: set(TERM), sigBlk: 0n }, TERM],
    ['openrc-init', { exe: '/sbin/openrc-init', comm: 'init', sigCgt: set(TERM, PWR), sigBlk: 0n }, TERM],
    ['sysvinit', { exe: '/sbin/init', comm: 'init', sigCgt: set(PWR, 1, 2), sigBlk: 0n }, PWR],
    ['a program that handles SIGTERM', { exe: '/app', comm: 'app', sigCgt: set(TERM, 2), sigBlk: 0n }, TERM],
    ['a program that waits for SIGRTMIN+3', { exe: '/app', comm: 'app', sigCgt: 0n, sigBlk: set(RTMIN_3) }, RTMIN_3],
    ['a program that handles nothing', { exe: '/bin/sleep', comm: 'sleep', sigCgt: 0n, sigBlk: 0n }, undefined],
  ] as const)('%s', ([, init, signal]) => {
    expect(stopSignalFor(init)).toBe(signal);
  });
});

test('the configured signal comes before what init is', () => {
  const systemd = { exe: '/systemd', comm: 'systemd', sigCgt: 0n, sigBlk: 0n };
  expect(chooseStopSignal('USR1', systemd)).toBe(10);
  expect(chooseStopSignal('RTMIN+4', systemd)).toBe(38);
  expect(chooseStopSignal(undefined, systemd)).toBe(RTMIN_3);
  expect(chooseStopSignal(undefined, undefined)).toBeUndefined();
});
