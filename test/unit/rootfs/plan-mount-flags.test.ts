import { describe, expect, test } from 'vitest';
import type { FilesystemSpec } from '../../../src/config/spec.js';
import { MS } from '../../../src/exec/plan.js';
import { planRemounts } from '../../../src/rootfs/plan-mount-flags.js';

const bind = (parts: Partial<Extract<FilesystemSpec, { type: 'mount' }>>): FilesystemSpec => ({
  type: 'mount',
  source: '/a',
  target: '/x',
  readonly: false,
  accessMode: 'passthrough',
  ...parts,
});

describe('planRemounts', () => {
  test.each([
    ['shared', MS.SHARED],
    ['rshared', MS.SHARED | MS.REC],
    ['unbindable', MS.UNBINDABLE],
  ] as const)('leaves %s to init, in whose mount namespace it counts', (propagation, flags) => {
    expect(planRemounts([bind({ propagation })])).toEqual([{ op: 'remount', path: '/x', flags }]);
  });

  test('has nothing to do for a mount that receives, is private, or may be missing', () => {
    expect(planRemounts([bind({ propagation: 'rslave' }), bind({ propagation: 'private' }), bind({})])).toEqual([]);
    expect(planRemounts([bind({ propagation: 'shared', optional: true })])).toEqual([]);
  });

  test('gives the root its flags, and keeps it read-only', () => {
    const flags = MS.REMOUNT | MS.BIND | MS.RDONLY | MS.NODEV | MS.NOSUID;
    expect(planRemounts([bind({ target: '/', readonly: true, flags: ['nodev', 'nosuid'] })])).toEqual([
      { op: 'remount', path: '/', flags },
    ]);
    expect(planRemounts([bind({ target: '/', readonly: true })])).toEqual([]);
  });
});
