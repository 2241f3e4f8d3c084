import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { OPS, OPTION } from '../../../src/exec/plan.js';
import { formatPlanHeader } from '../../../src/exec/plan-header.js';

describe('generated files', () => {
  test('are those that `npm run generate` makes', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('the plan table', () => {
  test('gives each operation a code of its own', () => {
    const codes = Object.values(OPS).map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)]);
  });

  test('gives each option a bit of its own', () => {
    const values = Object.values(OPTION);
    expect(values.every((value) => Number.isInteger(Math.log2(value)))).toBe(true);
    expect(new Set(values).size).toBe(values.length);
  });

  test('is whole in the header: shapes, field indexes, options', () => {
    const header = formatPlanHeader();
    expect(header).toContain('\t{ OP_HOST_ROUTE, PHASE_LINK, "sbubu", "host-route" },\n');
    expect(header).toContain('F_MONITOR_LOG_DIR = 0, F_MONITOR_LOG_LIMIT = 1, F_MONITOR_ON_REBOOT = 2,\n');
    expect(header).toContain('#define OPT_CONTROLLING_TTY 16\n');
    for (const { code } of Object.values(OPS)) expect(header).toMatch(new RegExp(`\\tOP_[A-Z_]+ = ${code},\\n`));
  });
});
