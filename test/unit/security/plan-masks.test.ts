import { expect, test } from 'vitest';
import { OPTION } from '../../../src/exec/plan.js';
import { MASKED_PATHS, planMasks, READ_ONLY_PATHS } from '../../../src/security/plan-masks.js';

test('planMasks covers each path, if the kernel has it', () => {
  const ops = planMasks('web', { seccomp: 'os', masks: true, nesting: false });
  expect(ops.map((op) => ('path' in op ? op.path : ''))).toEqual([...READ_ONLY_PATHS, ...MASKED_PATHS]);
  expect(ops.every((op) => 'options' in op && op.options === OPTION.OPTIONAL)).toBe(true);
});

test('planMasks has the paths of the configuration besides, or instead', () => {
  const paths = { maskedPaths: ['/etc/secret', '/proc/kcore'], readonlyPaths: ['/etc'] };
  const plan = (masks: boolean) =>
    planMasks('web', { seccomp: 'os', masks, nesting: false, ...paths }).map((op) => ('path' in op ? op.path : ''));
  expect(plan(false)).toEqual(['/etc', '/etc/secret', '/proc/kcore']);
  expect(plan(true)).toEqual([...READ_ONLY_PATHS, '/etc', ...MASKED_PATHS, '/etc/secret']);
});

test.each(['etc', '/', ''])("planMasks refuses the path '%s'", (path) => {
  expect(() => planMasks('web', { seccomp: 'os', masks: true, nesting: false, maskedPaths: [path] })).toThrow(
    'cannot mask',
  );
});

test.each([
  { masks: false, nesting: false },
  { masks: true, nesting: true },
])('planMasks covers nothing with %o', (opted) => {
  expect(planMasks('web', { seccomp: 'os', ...opted })).toEqual([]);
});
