import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinedNetworks } from '../network/joined.js';
import '../../../src/config/all-formats.js';
import { isBuiltIn, isRootUser } from '../../../src/config/built-in-environment.js';
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
import { MINIMAL, makeHost, UUID } from './example-specs.js';

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

/**
 * What a start would do, once each; undefined where it cannot. What formats give by themselves is each one's own; root needs no change
 * of user or groups; a /dev/shm on top of that of the own /dev is the same.
 */
function planOf(spec: ContainerSpec): ReadonlySet<string> | undefined {
  try {
    const { ops } = compile(spec, HOST, { uuid: UUID, networks: joinedNetworks(spec) });
    const isRoot = isRootUser(spec.init.user);
    const telling = ops
      .filter((op) => op.op !== 'groups' || op.gids !== '' || !isRoot)
      .filter((op) => op.op !== 'mount' || op.target !== '/dev/shm')
      .filter((op) => op.op !== 'env' || !isBuiltIn(variableOf(op.entry)))
      .filter((op) => op.op !== 'user' || !isRootUser(op.user) || !isRootUser(op.group))
      .map((op) => textOf(op.op === 'seccomp' ? { ...op, options: 0 } : op));
    return new Set(telling);
  } catch (error) {
    if (error instanceof CtrError) return undefined;
    throw error;
  }
}

function variableOf(entry: string): { readonly name: string; readonly value: string } {
  const equals = entry.indexOf('=');
  return { name: entry.slice(0, equals), value: entry.slice(equals + 1) };
}

function textOf(op: Op): string {
  return JSON.stringify(op, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? crc32(value) : value;
  });
}

type Key = keyof ContainerSpec;

/**
 * Parts that are planned together, those between brackets as one; whatever else a spec says, a start that it makes impossible shows
 * nothing about these.
 */
const GROUPS: readonly (readonly (readonly Key[])[])[] = [
  [['init'], ['lifecycle'], ['consoles'], ['arch']],
  [['security'], ['kernelMounts'], ['features', 'namespaces', 'interfaces']],
  [['filesystems'], ['rootMode'], ['idmap']],
  [['devices'], ['kernelMounts']],
  [['devices', 'features']],
  [['memory'], ['cpu'], ['blkio'], ['numa'], ['pids'], ['cgroupFiles']],
  [['process']],
  [['hooks']],
  [['hostFiles']],
  [['name'], ['hostname'], ['domainname']],
];

function pick(spec: ContainerSpec, keys: readonly Key[]): Partial<ContainerSpec> {
  return Object.fromEntries(keys.flatMap((key) => (key in spec ? [[key, spec[key]]] : [])));
}

/** Each part of a group for itself in what it becomes, where nothing tells that it is another. */
function* listUntold(before: ContainerSpec, after: ContainerSpec): Generator<readonly [ContainerSpec, ContainerSpec]> {
  for (const group of GROUPS) {
    const base: ContainerSpec = { ...MINIMAL, ...pick(before, group.flat()) };
    for (const keys of group) {
      if (keys.every((key) => isDeepStrictEqual(before[key], after[key]))) continue;
      const others = Object.entries(base).filter(([key]) => !keys.some((changed) => changed === key));
      const mixed = { ...Object.fromEntries(others), ...pick(after, keys) } as ContainerSpec;
      if (compareSpecs(base, mixed).length === 0) yield [base, mixed];
    }
  }
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
    expect(converted).toBeGreaterThan(75);
  });

  test('what a part becomes and no line names, a start does not see', { timeout: 120_000 }, () => {
    let compared = 0;
    fc.assert(
      fc.property(specs, fc.constantFrom(...TARGETS), (spec, to) => {
        const after = convert(spec, to)?.after;
        if (after === undefined) return;
        for (const [one, other] of listUntold(spec, after)) {
          const plan = planOf(one);
          if (plan === undefined) continue;
          compared += 1;
          expect(planOf(other)).toEqual(plan);
        }
      }),
      { numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(20);
  });
});
