import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAPABILITY_NAMES, DROPPED_BY_DEFAULT } from '../../../../src/config/capability-names.js';
import { MASKED_PATHS, READ_ONLY_PATHS } from '../../../../src/config/guarded-paths.js';
import { formatJson } from '../../../../src/config/json/format-json.js';
import { readJson } from '../../../../src/config/json/read-json.js';
import { describeOci } from '../../../../src/config/oci/describe-oci.js';
import { formatOci } from '../../../../src/config/oci/format-oci.js';
import { readOci } from '../../../../src/config/oci/read-oci.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';
import { CAPABILITIES } from '../../../../src/security/capabilities.js';
import { listCapabilities } from '../../../../src/security/plan-capabilities.js';
import * as masks from '../../../../src/security/plan-masks.js';
import { CORPUS, lacksCorpus } from '../../../rig/needs.js';
import { FULL, MINIMAL, SYSTEM } from '../../container/example-specs.js';
import { WHOLE } from '../json/whole-spec.js';
import { anyConfig } from './config-arbitrary.js';
import { configText, OPTIONS, specOf } from './config-text.js';

test('any config.json is the same spec after printing and reading, and its print is stable', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(anyConfig, (config) => {
      const spec = specOf(JSON.stringify(config));
      const print = formatOci(spec);
      expect(specOf(print)).toEqual(spec);
      expect(formatOci(specOf(print))).toBe(print);
      expect(readJson(formatJson(spec), { file: 'a.json' }).definition?.spec).toEqual(spec);
    }),
    { numRuns: 200 },
  );
});

describe("systemd's own files", () => {
  const lack = lacksCorpus();
  const folder = join(CORPUS, 'nspawn/oci');
  test.beforeEach(({ skip }) => {
    if (lack !== undefined) skip(lack);
  });

  test('the complete one is read, and is the same after printing and reading', () => {
    const spec = specOf(readFileSync(join(folder, 'basic.json'), 'utf8'));
    expect(spec.refusals).toEqual([
      'the path of its network namespace is not absolute',
      'it maps ids, and asks for no user namespace',
      'device 1 is not below /dev',
      "sysctl 'vm.swappiness' belongs to no namespace of the container",
    ]);
    expect(specOf(formatOci(spec))).toEqual(spec);
  });

  test('each of the malformed ones ends in errors with places', () => {
    const files = lack === undefined ? readdirSync(folder).filter((file) => file !== 'basic.json') : [];
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const { definition, diagnostics } = readOci(readFileSync(join(folder, file), 'utf8'), OPTIONS);
      expect(definition).toBeUndefined();
      expect(diagnostics.some(({ severity, line }) => severity === 'error' && line > 1)).toBe(true);
    }
  });
});

describe('a spec of another format', () => {
  /** What the print says when it is read. */
  const reread = (spec: ContainerSpec) => specOf(formatOci(spec), { ...OPTIONS, name: spec.name });

  test.each(Object.entries({ MINIMAL, SYSTEM, FULL, WHOLE: WHOLE as ContainerSpec }))(
    '%s gives a complete config.json',
    (_, spec) => {
      const { definition, diagnostics } = readOci(formatOci(spec), { ...OPTIONS, name: spec.name });
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(definition?.spec.init).toMatchObject({ path: spec.init.path, args: spec.init.args });
    },
  );

  test('keeps its guards: masks, read-only system, capabilities, own namespaces', () => {
    const { security, kernelMounts, features, namespaces, idmap, refusals } = reread(SYSTEM);
    expect({ security, kernelMounts, features, namespaces, idmap, refusals }).toEqual({
      security: { seccomp: 'os', masks: true, nesting: false, noNewPrivs: false },
      kernelMounts: { proc: 'guarded', sys: 'readonly', cgroup: 'readonly', dev: 'own' },
      features: { privnet: true, capabilities: { policy: 'default', states: [] } },
      namespaces: undefined,
      idmap: SYSTEM.idmap,
      refusals: undefined,
    });
  });

  test('prints those guards in words that other runtimes have', () => {
    const { linux, mounts } = JSON.parse(formatOci(SYSTEM)) as {
      linux: { maskedPaths: string[]; readonlyPaths: string[]; resources: { devices: unknown[] } };
      mounts: { destination: string }[];
    };
    expect(linux.maskedPaths).toEqual(MASKED_PATHS);
    expect(linux.readonlyPaths).toEqual([...READ_ONLY_PATHS, '/proc/sys']);
    expect(linux.resources.devices).toEqual([{ allow: false, access: 'rwm' }]);
    expect(mounts.map(({ destination }) => destination)).toEqual([
      '/proc',
      '/dev',
      '/dev/pts',
      '/dev/shm',
      '/sys',
      '/sys/fs/cgroup',
    ]);
  });

  test('keeps limits, file systems and mapped ids', () => {
    const { memory, cpu, blkio, cgroupFiles, filesystems } = reread(FULL);
    expect({ memory, cpu, blkio, cgroupFiles }).toEqual({
      cgroupFiles: [
        { version: 1, file: 'memory.soft_limit_in_bytes', value: String(128 * 1024 * 1024), twin: 'memory.low' },
      ],
      memory: {
        hardLimitBytes: 256 * 1024 * 1024,
        swapHardLimitBytes: 384 * 1024 * 1024,
      },
      cpu: { count: 1, cpuset: '0-1', shares: 512, periodUs: 50_000, quotaUs: 25_000 },
      blkio: { weight: 200 },
    });
    expect(filesystems.map(({ target }) => target)).toEqual(
      ['/', '/data', '/tmp', '/dev/shm'].toSorted(
        (a, b) =>
          filesystems.findIndex(({ target }) => target === a) - filesystems.findIndex(({ target }) => target === b),
      ),
    );
    expect(filesystems.find(({ target }) => target === '/data')).toEqual({
      type: 'mount',
      source: '/srv/data',
      target: '/data',
      readonly: false,
      flags: ['nosuid', 'nodev'],
      accessMode: 'mapped',
    });
  });

  test('runs as nobody where only a name of the user is known', () => {
    expect(reread(FULL).init).toMatchObject({ user: '65534', group: '100' });
  });

  test('never gives up a user namespace whose ids are not chosen yet', () => {
    const { idmap: _, ...rest } = SYSTEM;
    expect(reread({ ...rest, idRange: { from: 'free', count: 5 } }).idmap).toEqual({
      uid: [{ inside: 0, outside: 100_000, count: 5 }],
      gid: [{ inside: 0, outside: 100_000, count: 5 }],
    });
  });

  test('without a root of its own has the host’s', () => {
    expect(reread(MINIMAL).filesystems[0]).toMatchObject({ source: '/', target: '/' });
  });
});

test('what it calls for needs the newest version; all else any runtime knows', () => {
  const versionOf = (text: string) => (JSON.parse(formatOci(specOf(text))) as { ociVersion: string }).ociVersion;
  expect([versionOf(configText()), versionOf(configText({ domainname: 'a' }))]).toEqual(['1.0.2', '1.2.0']);
});

test('lists that stand in two folders are the same', () => {
  expect(MASKED_PATHS).toEqual(masks.MASKED_PATHS);
  expect(READ_ONLY_PATHS).toEqual(masks.READ_ONLY_PATHS);
  expect(CAPABILITY_NAMES).toEqual(CAPABILITIES);
  const kept = listCapabilities({ policy: 'default', states: [] }, CAPABILITIES.length - 1);
  expect([...CAPABILITIES.filter((name) => !kept.has(name))].toSorted()).toEqual(DROPPED_BY_DEFAULT.toSorted());
});

describe('the reference page', () => {
  test('is what the tables say; `npm run generate` renews it', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/reference/oci.md'), 'utf8');
    expect(page).toBe(describeOci());
  });

  test('names properties of every kind once', () => {
    const lines = describeOci().split('\n');
    for (const name of [
      'ociVersion',
      'user.uid',
      'destination',
      'namespaces[].type',
      'memory.limit',
      'rdma.NAME.hcaHandles',
      'syscalls[].args[].op',
      'linux.intelRdt',
      'vm',
    ])
      expect([name, lines.filter((line) => line.startsWith(`| \`${name}\` |`)).length]).toEqual([name, 1]);
  });
});
