import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import '../../../src/config/all-formats.js';
import { isBuiltIn } from '../../../src/config/built-in-environment.js';
import { type ContainerSpec, compareSpecs, parseDefinition, type TextFormat } from '../../../src/config/index.js';
import { compile } from '../../../src/container/compile.js';
import { convertDefinition } from '../../../src/container/convert-spec.js';
import { CtrError } from '../../../src/errors.js';
import { crc32 } from '../../../src/exec/crc32.js';
import type { Op } from '../../../src/exec/plan.js';
import { anySpec } from '../config/libvirt/spec-arbitrary.js';
import { sourcesOf } from '../config/lxc/sources.js';
import { lxcText, NAMED_FILES } from '../config/lxc/text-arbitrary.js';
import { anySettings } from '../config/nspawn/settings-arbitrary.js';
import { anyConfig } from '../config/oci/config-arbitrary.js';
import { makeHost, UUID } from './example-specs.js';

const sources = sourcesOf(NAMED_FILES);
const TARGETS: readonly TextFormat[] = ['libvirt', 'nspawn', 'lxc', 'oci', 'json'];

/** The model of a text, where it gives one. */
function read(text: string, format: TextFormat): ContainerSpec | undefined {
  const beside = format === 'nspawn' ? { rootfs: '/srv/web' } : {};
  const result = parseDefinition(text, { file: '/bundles/web/x', format, name: 'web', sources, ...beside });
  return result.ok ? result.definition.spec : undefined;
}

/** Specs as each format says them. */
const SPECS: Readonly<Record<string, fc.Arbitrary<ContainerSpec | undefined>>> = {
  libvirt: anySpec,
  nspawn: anySettings.map((text) => read(text, 'nspawn')),
  lxc: lxcText.map((text) => read(text, 'lxc')),
  oci: anyConfig.map((config) => read(JSON.stringify(config), 'oci')),
};

interface Conversion {
  readonly text: string;
  readonly losses: readonly string[];
  readonly after: ContainerSpec;
}

/** Undefined where the format has no way to say the container, which an error tells with its place. */
function convert(spec: ContainerSpec, to: TextFormat): Conversion | undefined {
  try {
    const { text, losses } = convertDefinition({ spec }, to, { sources });
    const root = spec.filesystems.find(({ target }) => target === '/');
    const rootfs = root?.type === 'mount' ? root.source : '/';
    const beside =
      to === 'nspawn' ? { name: spec.name, rootfs } : to === 'lxc' || to === 'oci' ? { name: spec.name } : {};
    const result = parseDefinition(text, { file: spec.name, format: to, sources, ...beside });
    if (!result.ok) throw new Error(`what was printed is not read: ${JSON.stringify(result.diagnostics)}`);
    return { text, losses, after: result.definition.spec };
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    expect(error.code).toBe('CTR_UNSUPPORTED');
    return undefined;
  }
}

const HOST = makeHost('hybrid', { securityModules: ['apparmor', 'selinux'] });

/** What a start would do, with ids where define would choose some; undefined where nothing can start. */
function planOf(spec: ContainerSpec): readonly Op[] | undefined {
  const { idRange, refusals: _, ...rest } = spec;
  const range = { inside: 0, outside: 1_000_000, count: idRange?.count ?? 1 };
  try {
    const { ops } = compile(idRange === undefined ? rest : { ...rest, idmap: { uid: [range], gid: [range] } }, HOST, {
      uuid: UUID,
    });
    return ops.filter((op) => op.op !== 'env' || !isBuiltIn(variableOf(op.entry)));
  } catch (error) {
    if (error instanceof CtrError) return undefined;
    throw error;
  }
}

function variableOf(entry: string): { readonly name: string; readonly value: string } {
  const equals = entry.indexOf('=');
  return { name: entry.slice(0, equals), value: entry.slice(equals + 1) };
}

/** Operations whose order among themselves means nothing. */
function sorted(ops: readonly Op[]): readonly string[] {
  const text = (op: Op) =>
    JSON.stringify(op, (_, value) =>
      typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? crc32(value) : value,
    );
  return ops.map(text).toSorted();
}

describe.each(Object.keys(SPECS))('from %s', (from) => {
  const specs = (SPECS[from] as fc.Arbitrary<ContainerSpec | undefined>).filter((spec) => spec !== undefined);

  test('each conversion is read again, names each loss once, and loses nothing the second time', {
    timeout: 120_000,
  }, () => {
    let converted = 0;
    fc.assert(
      fc.property(specs, fc.constantFrom(...TARGETS), (spec, to) => {
        const first = convert(spec, to);
        if (first === undefined) return;
        converted += 1;
        for (const loss of first.losses) expect(loss).toMatch(/^\P{Cc}+$/u);
        expect(new Set(first.losses).size).toBe(first.losses.length);
        expect(convert(first.after, to)?.losses).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(converted).toBeGreaterThan(100);
  });

  test('what a part becomes and no line names, a start does not see', { timeout: 120_000 }, () => {
    let compared = 0;
    fc.assert(
      fc.property(specs, fc.constantFrom(...TARGETS), (spec, to) => {
        const after = convert(spec, to)?.after;
        const plan = planOf(spec);
        if (after === undefined || plan === undefined) return;
        for (const key of new Set([...Object.keys(spec), ...Object.keys(after)]) as Set<keyof ContainerSpec>) {
          if (key === 'format' || key === 'kept' || isDeepStrictEqual(spec[key], after[key])) continue;
          const mixed = { ...spec, [key]: after[key] } as ContainerSpec;
          if (compareSpecs(spec, mixed).length > 0) continue;
          compared += 1;
          const other = planOf(mixed);
          expect(other === undefined ? key : sorted(other)).toEqual(sorted(plan));
        }
      }),
      { numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(50);
  });
});
