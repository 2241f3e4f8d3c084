import fc from 'fast-check';
import type {
  AutostartSpec,
  BlkioDeviceSpec,
  BlkioSpec,
  CgroupFileSpec,
  ContainerSpec,
  CpuSpec,
  IdRange,
  KernelMountsSpec,
  LifecycleSpec,
  MemorySpec,
  NamespaceSource,
  NamespacesSpec,
} from '../../../../src/config/spec.js';
import { interfaces } from './link-arbitraries.js';
import { devices, filesystems } from './mount-arbitraries.js';
import { capabilities, hook, hostFiles, init, processes, security } from './process-arbitraries.js';
import { bytes, few, filled, line, oneOf, path, some, text, word } from './value-arbitraries.js';

/** Specs that a text can say: in canonical form, and right by every rule. */

const MiB = 1024 * 1024;
const second = fc.integer({ min: 1, max: 2 ** 31 });

const ranges: fc.Arbitrary<IdRange[]> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 50 })), { minLength: 1, maxLength: 4 })
  .map((steps) => {
    let inside = 0;
    let outside = 100_000;
    return steps.map(([count, gap]) => {
      const range = { inside, outside, count };
      inside += count + gap;
      outside += count + gap;
      return range;
    });
  });

const action = oneOf('destroy', 'restart', 'preserve', 'rename-restart');

const signal = oneOf('TERM', 'USR2', 'RTMIN+3');

const lifecycle: fc.Arbitrary<LifecycleSpec> = fc
  .tuple(
    fc.record({
      onPoweroff: action,
      onReboot: action,
      onCrash: fc.oneof(action, oneOf('coredump-destroy', 'coredump-restart')),
    }),
    some<Omit<LifecycleSpec, 'onPoweroff' | 'onReboot' | 'onCrash'>>({
      stopSignal: signal,
      rebootSignal: signal,
      killSignal: signal,
      notifyReady: fc.boolean(),
    }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));

/** libvirt forgets a device without any limit, and limits of nothing. */
const blkioDevice: fc.Arbitrary<BlkioDeviceSpec> = fc
  .tuple(
    fc.record({ path, readIopsSec: second }),
    some<Omit<BlkioDeviceSpec, 'path' | 'readIopsSec'>>({
      weight: fc.integer({ min: 1, max: 10000 }),
      writeIopsSec: second,
      readBytesSec: second,
      writeBytesSec: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));

const blkio: fc.Arbitrary<BlkioSpec> = fc
  .tuple(
    fc.record({ weight: fc.integer({ min: 10, max: 1000 }) }),
    some<Pick<BlkioSpec, 'devices'>>({ devices: fc.array(blkioDevice, { minLength: 1, maxLength: 2 }) }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));

const source: fc.Arbitrary<NamespaceSource> = fc.oneof(
  fc.record({ kind: oneOf('own', 'host') }),
  fc.record({ kind: oneOf('container'), name: word }),
  fc.record({ kind: oneOf('pid'), pid: fc.integer({ min: 1, max: 4194304 }) }),
  fc.record({ kind: oneOf('netns'), name: word }),
  fc.record({ kind: oneOf('path'), path }),
);

const namespaces = some<NamespacesSpec>({
  net: source,
  ipc: source,
  uts: source,
  pid: source,
  user: source,
  cgroup: source,
  mnt: source,
  time: source,
});

const autostart: fc.Arbitrary<AutostartSpec> = fc
  .tuple(
    fc.record({ enabled: fc.boolean() }),
    some<Omit<AutostartSpec, 'enabled'>>({ delaySeconds: fc.nat(), order: fc.integer(), groups: few(text) }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));

const cgroupFile: fc.Arbitrary<CgroupFileSpec> = fc.record({
  version: fc.constantFrom(1, 2),
  file: fc.constantFrom('memory.max', 'devices.allow'),
  value: text,
});

const kernelMounts = some<KernelMountsSpec>({
  proc: oneOf('guarded', 'writable', 'none'),
  hidePid: oneOf('noaccess', 'invisible', 'ptraceable'),
  procSubset: oneOf('pid'),
  sys: oneOf('readonly', 'mixed', 'writable', 'none'),
  cgroup: oneOf('readonly', 'writable', 'none'),
  dev: oneOf('own', 'none'),
  devSizeBytes: fc.nat(),
  views: oneOf('on', 'off'),
});

const exact = fc.oneof(bytes, fc.integer({ min: 2 * MiB, max: 2 ** 40 }));

const memory = some<MemorySpec>({
  totalBytes: exact,
  hardLimitBytes: exact,
  softLimitBytes: exact,
  swapHardLimitBytes: exact.map((size) => size + 2 * 1024 * 1024 * MiB),
});

const cpu: fc.Arbitrary<CpuSpec> = fc
  .tuple(
    fc.record({ count: fc.integer({ min: 1, max: 64 }) }),
    some<Omit<CpuSpec, 'count'>>({
      cpuset: fc.constantFrom('0', '0-3', '0-1,5,7-9'),
      shares: fc.integer({ min: 1, max: 262144 }),
      periodUs: fc.integer({ min: 1000, max: 1000000 }),
      quotaUs: fc.oneof(fc.constant(-1), fc.integer({ min: 1000, max: 2 ** 40 })),
    }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));

type Required =
  | 'format'
  | 'name'
  | 'memory'
  | 'cpu'
  | 'init'
  | 'features'
  | 'filesystems'
  | 'interfaces'
  | 'consoles'
  | 'lifecycle'
  | 'security';

/** `kept` belongs to other formats. */
const optional = some<Omit<ContainerSpec, Required | 'kept'>>({
  uuid: fc.uuid(),
  title: line.filter((title) => title !== ''),
  description: text.filter((description) => description !== ''),
  hostname: text,
  domainname: text,
  blkio,
  numa: fc.record({ mode: oneOf('strict', 'preferred', 'interleave', 'restrictive'), nodeset: oneOf('0', '0-1,3') }),
  pids: fc.record({ max: fc.integer({ min: 1, max: 4194304 }) }),
  cgroupFiles: few(cgroupFile),
  partition: path,
  arch: fc.constantFrom('x86_64', 'i686', 'aarch64'),
  idmap: fc.record({ uid: ranges, gid: ranges }),
  idRange: fc.record({ from: oneOf('free', 'owner'), count: fc.integer({ min: 1, max: 2 ** 32 - 1 }) }),
  namespaces,
  rootMode: oneOf('ephemeral', 'overlay', 'state', 'yes'),
  kernelMounts,
  devices,
  ports: few(
    fc.record({
      protocol: oneOf('tcp', 'udp'),
      host: fc.integer({ min: 1, max: 65535 }),
      container: fc.integer({ min: 1, max: 65535 }),
    }),
  ),
  autostart,
  process: processes,
  hooks: few(hook),
  hostFiles,
  annotations: few(fc.record({ name: filled, value: text })),
  refusals: fc.uniqueArray(filled, { minLength: 1, maxLength: 2 }),
});

/** Ids are given or chosen, not both. */
function withoutTwoMaps({ idRange, ...spec }: ContainerSpec): ContainerSpec {
  return idRange === undefined || spec.idmap !== undefined ? spec : { ...spec, idRange };
}

/** A network that is shared refuses links of its own at start, and this would be one more refusal. */
function withoutOwnNetwork(spec: ContainerSpec): ContainerSpec {
  const { net } = spec.namespaces ?? {};
  if (net === undefined || net.kind === 'own' || net.kind === 'host') return spec;
  return { ...spec, interfaces: [], features: { ...spec.features, privnet: false } };
}

/** Any spec that libvirt's format, with ctr's extension, can say. */
export const anySpec: fc.Arbitrary<ContainerSpec> = fc
  .record({
    name: word,
    optional,
    memory,
    cpu,
    init,
    privnet: fc.boolean(),
    capabilities,
    filesystems,
    interfaces,
    consoles: fc.integer({ min: 0, max: 3 }),
    lifecycle,
    security,
  })
  .map(({ optional: some, privnet, capabilities: named, consoles, ...parts }) =>
    withoutOwnNetwork(
      withoutTwoMaps({
        format: 'libvirt',
        ...some,
        ...parts,
        features: { privnet, capabilities: named },
        consoles: Array.from({ length: consoles }, () => ({ type: 'pty' })),
      } as ContainerSpec),
    ),
  );
