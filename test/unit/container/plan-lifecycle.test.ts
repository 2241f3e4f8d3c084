import { describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/config/spec.js';
import { planLifecycle, planNotify } from '../../../src/container/plan-lifecycle.js';
import { MINIMAL } from './example-specs.js';

const plan = (lifecycle: Partial<ContainerSpec['lifecycle']>, init: Partial<ContainerSpec['init']> = {}) =>
  planLifecycle({ ...MINIMAL, lifecycle: { ...MINIMAL.lifecycle, ...lifecycle }, init: { ...MINIMAL.init, ...init } });

describe('planLifecycle', () => {
  test('says nothing where all is as ever', () => {
    expect(plan({})).toEqual([]);
    expect(plan({ onCrash: 'coredump-destroy', onReboot: 'destroy' })).toEqual([]);
  });

  test('takes a rename and a core dump for what follows on them', () => {
    expect(plan({ onPoweroff: 'rename-restart', onCrash: 'coredump-restart' })).toEqual([
      { op: 'lifecycle', onPoweroff: 'restart', onReboot: 'restart', onCrash: 'restart' },
    ]);
    expect(plan({ onReboot: 'preserve' })).toEqual([
      { op: 'lifecycle', onPoweroff: 'stop', onReboot: 'preserve', onCrash: 'stop' },
    ]);
  });

  test('asks what runs behind the small init to end by SIGTERM, unless told otherwise', () => {
    expect(plan({}, { reaper: true })).toEqual([{ op: 'stop-signal', signal: 15 }]);
    expect(plan({ stopSignal: 'HUP' }, { reaper: true })).toEqual([{ op: 'stop-signal', signal: 1 }]);
  });

  test('hands over the signals by their numbers', () => {
    expect(plan({ rebootSignal: 'SIGINT', killSignal: 'RTMIN+4' })).toEqual([
      { op: 'reboot-signal', signal: 2 },
      { op: 'kill-signal', signal: 38 },
    ]);
  });
});

describe('planNotify', () => {
  test('mounts a place for the socket, unless the configuration has one', () => {
    const lifecycle = { ...MINIMAL.lifecycle, notifyReady: true };
    const names = (filesystems: ContainerSpec['filesystems']) => planNotify(lifecycle, filesystems).map(({ op }) => op);
    expect(names([])).toEqual(['mount', 'notify']);
    expect(names([{ type: 'ram', target: '/run/host', readonly: false }])).toEqual(['notify']);
    expect(planNotify(MINIMAL.lifecycle, [])).toEqual([]);
  });
});
