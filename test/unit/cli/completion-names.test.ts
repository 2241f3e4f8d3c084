import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listNamesFor } from '../../../src/cli/completion-names.js';

let scratch = '';

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'ctr-completion-'));
  vi.stubEnv('CTR_STATE_DIR', join(scratch, 'state'));
  vi.stubEnv('CTR_RUN_DIR', join(scratch, 'run'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true });
});

function put(path: string): void {
  mkdirSync(join(scratch, path, '..'), { recursive: true });
  writeFileSync(join(scratch, path), '');
}

test('names are those with a definition, or with a state when they run', () => {
  for (const name of ['b', 'a', '.new', 'bad name']) put(`state/containers/${name}/definition`);
  put('state/containers/storage-only/rootfs');
  put('run/containers/a/state');
  put('run/containers/b/compiled');
  put('run/containers/gone/state');
  expect(listNamesFor('running')).toEqual(['a', 'gone']);
  expect(listNamesFor('all')).toEqual(['a', 'b', 'gone']);
});

test('directories that are missing or none have no names', () => {
  expect(listNamesFor('all')).toEqual([]);
  put('state/containers');
  put('run');
  expect(listNamesFor('all')).toEqual([]);
});
