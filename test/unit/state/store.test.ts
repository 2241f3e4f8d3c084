import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ContainerRecord } from '../../../src/state/container-record.js';
import { isDefined, readDefinition, writeDefinition } from '../../../src/state/store.js';
import type { Paths } from '../../../src/system/paths.js';

/** Renames that go well before one does not, as if the host had gone down there. */
const power = vi.hoisted(() => ({ renames: Number.POSITIVE_INFINITY }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    rename: async (from: string, to: string) => {
      if (power.renames-- <= 0) throw new Error('the power is off');
      return real.rename(from, to);
    },
  };
});

const RECORD: ContainerRecord = {
  format: 'libvirt',
  uuid: '16547c7b-ebfe-4eac-8d80-6578d5037f96',
  definedAt: '2026-01-01T00:00:00.000Z',
  rootfsMadeByCtr: false,
  idRanges: [],
};
const OLD = { text: '<domain/>', record: RECORD, sources: '{"old":1}' };
const NEW = { text: 'lxc.uts.name = web', record: { ...RECORD, format: 'lxc' as const }, sources: '{"new":1}' };

let paths: Paths;

beforeEach(() => {
  const scratch = mkdtempSync(join(tmpdir(), 'ctr-store-'));
  paths = { stateDir: join(scratch, 'state'), runDir: join(scratch, 'run'), cgroupPrefix: 'ctr' };
});

afterEach(() => {
  power.renames = Number.POSITIVE_INFINITY;
  rmSync(join(paths.stateDir, '..'), { recursive: true });
});

function readBack() {
  const { text, record, sources } = readDefinition('read', paths, 'web');
  return { text, format: record.format, sources };
}

const parts = ({ text, record, sources }: typeof OLD) => ({ text, format: record.format, sources });

test('a redefinition that ends at any rename is as before or as after, text and format together', async () => {
  const seen = new Set<string>();
  for (let renames = 0; ; renames += 1) {
    await writeDefinition(paths, 'web', OLD);
    power.renames = renames;
    const ended = await writeDefinition(paths, 'web', NEW).then(
      () => false,
      () => true,
    );
    power.renames = Number.POSITIVE_INFINITY;
    const { format } = readBack();
    seen.add(`${ended} ${format}`);
    expect(readBack()).toEqual(parts(format === 'lxc' ? NEW : OLD));
    if (!ended) break;
  }
  expect(seen).toEqual(new Set(['true libvirt', 'true lxc', 'false lxc']));
});

test('what an ended redefinition has left is gone after the next', async () => {
  await writeDefinition(paths, 'web', OLD);
  power.renames = 2;
  await expect(writeDefinition(paths, 'web', NEW)).rejects.toThrow();
  power.renames = Number.POSITIVE_INFINITY;
  await writeDefinition(paths, 'web', NEW);
  const files = readdirSync(join(paths.stateDir, 'containers/web')).map((file) => file.replace(/[0-9a-f]{8}/, 'X'));
  expect(files.sort()).toEqual(['container.json', 'definition', 'sources-X.json']);
});

test('a first definition that ends before its text is there defines nothing', async () => {
  power.renames = 2;
  await expect(writeDefinition(paths, 'web', OLD)).rejects.toThrow();
  expect(isDefined(paths, 'web')).toBe(false);
});
