import fc from 'fast-check';
import { formatIpAddress } from '../../../../src/config/ip-address.js';
import { CAPABILITY_NAMES } from '../../../../src/config/libvirt/features-row.js';
import type {
  ContainerSpec,
  FilesystemSpec,
  IdRange,
  InterfaceSpec,
  IpSpec,
  RouteSpec,
} from '../../../../src/config/spec.js';

/** Specs that a text can say: in canonical form, and right by every rule. */

const MiB = 1024 * 1024;
const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,10}$/);
/** What XML can hold; a lone carriage return included, which only a reference keeps. */
const text = fc.string({
  unit: fc.constantFrom('a', ' ', '<', '&', '>', '"', "'", 'é', '😀', '\n', '\t', '\r', ']]>'),
  maxLength: 12,
});
const line = text.map((value) => value.replace(/[\r\n]/g, ''));
const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `/srv/${parts.join('/')}`);
const bytes = fc.integer({ min: 1024, max: 2 ** 30 }).map((kib) => kib * 1024);

/** Optional properties are absent, never undefined. */
const some = <T>(shape: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(shape as { [K in keyof T]: fc.Arbitrary<T[K]> }, { requiredKeys: [] });

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

const filesystem: fc.Arbitrary<FilesystemSpec> = fc.oneof(
  fc.record({
    type: fc.constant('mount' as const),
    source: path,
    target: path,
    readonly: fc.boolean(),
    accessMode: fc.constantFrom('passthrough' as const, 'mapped' as const),
  }),
  fc.record({ type: fc.constant('bind' as const), source: path, target: path, readonly: fc.boolean() }),
  fc.record({ type: fc.constant('ram' as const), target: path, sizeBytes: bytes, readonly: fc.boolean() }),
);

const family = fc.constantFrom('ipv4' as const, 'ipv6' as const);
const hostBytes = (of: IpSpec['family']) =>
  fc.uint8Array({ minLength: of === 'ipv4' ? 4 : 16, maxLength: of === 'ipv4' ? 4 : 16 });
const address = (of: IpSpec['family']) => hostBytes(of).map((octets) => formatIpAddress(octets));

const ip: fc.Arbitrary<IpSpec> = family.chain((of) =>
  fc
    .tuple(
      address(of),
      fc.integer({ min: 0, max: of === 'ipv4' ? 32 : 128 }),
      some<{ peer: string }>({ peer: address(of) }),
    )
    .map(([host, prefix, peer]) => ({ family: of, address: host, prefix, ...peer })),
);

const route: fc.Arbitrary<RouteSpec> = family.chain((of) =>
  fc
    .tuple(
      hostBytes(of),
      fc.nat(),
      address(of),
      some<{ metric: number }>({ metric: fc.integer({ min: 1, max: 2 ** 32 - 1 }) }),
    )
    .map(([octets, seed, gateway, metric]) => {
      const prefix = seed % (octets.length * 8 + 1);
      const network = octets.map((octet, index) => octet & (0xff << Math.max(0, 8 - Math.max(0, prefix - 8 * index))));
      return { family: of, address: formatIpAddress(network), prefix, gateway, ...metric };
    }),
);

const interfaces: fc.Arbitrary<InterfaceSpec[]> = fc
  .array(
    fc.record({
      type: fc.constantFrom('network' as const, 'bridge' as const, 'ethernet' as const),
      named: fc.boolean(),
      linkState: fc.option(fc.constantFrom('up' as const, 'down' as const), { nil: undefined }),
      mac: fc.option(fc.uint8Array({ minLength: 3, maxLength: 3 }), { nil: undefined }),
      ips: fc.array(ip, { maxLength: 2 }),
      routes: fc.array(route, { maxLength: 2 }),
    }),
    { maxLength: 3 },
  )
  .map((links) =>
    links.map(({ type, named, linkState, mac, ips, routes }, index) => ({
      type,
      ...(type === 'ethernet' ? {} : { source: `br${index}` }),
      ...(mac === undefined
        ? {}
        : {
            mac: `52:54:00:${Buffer.from(mac)
              .toString('hex')
              .replace(/..(?=.)/g, '$&:')}`,
          }),
      ...(named ? { guestName: `lan${index}`, targetName: `web${index}` } : {}),
      ...(linkState === undefined ? {} : { linkState }),
      ips,
      routes,
      hostIps: type === 'ethernet' ? ips : [],
      hostRoutes: type === 'ethernet' ? routes : [],
    })),
  );

const init = fc
  .record({
    path,
    args: fc.array(
      text.filter((value) => value !== ''),
      { maxLength: 3 },
    ),
    env: fc.array(
      fc.record({ name: fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,5}$/), value: text.filter((value) => value !== '') }),
      { maxLength: 3 },
    ),
    rest: some<{ dir: string; user: string; group: string; cmdline: string }>({
      dir: path,
      user: fc.constantFrom('root', '0', '1000'),
      group: fc.constantFrom('users', '100'),
      cmdline: text,
    }),
  })
  .map(({ rest, ...required }) => ({ ...required, ...rest }));

const capabilities = fc.record({
  policy: fc.constantFrom('default' as const, 'allow' as const, 'deny' as const),
  states: fc
    .subarray([...CAPABILITY_NAMES])
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.record({ name: fc.constant(name), state: fc.constantFrom('on' as const, 'off' as const) }),
        ),
      ),
    ),
});

const action = fc.constantFrom('destroy' as const, 'restart' as const, 'preserve' as const, 'rename-restart' as const);

/** Any spec that libvirt's format can say. */
export const anySpec: fc.Arbitrary<ContainerSpec> = fc
  .record({
    name: word,
    optional: some<Partial<ContainerSpec>>({
      uuid: fc.uuid(),
      title: line,
      description: text,
      partition: path,
      arch: fc.constantFrom('x86_64', 'i686', 'aarch64'),
      blkio: fc.record({ weight: fc.integer({ min: 10, max: 1000 }) }),
      pids: fc.record({ max: fc.integer({ min: 1, max: 4194304 }) }),
      idmap: fc.record({ uid: ranges, gid: ranges }),
    } as never),
    totalBytes: bytes,
    limits: some<{ hardLimitBytes: number; softLimitBytes: number; swapHardLimitBytes: number }>({
      hardLimitBytes: bytes,
      softLimitBytes: bytes,
      swapHardLimitBytes: bytes.map((size) => size + 1024 * MiB * 1024),
    }),
    count: fc.integer({ min: 1, max: 64 }),
    cpu: some<{ cpuset: string; shares: number; periodUs: number; quotaUs: number }>({
      cpuset: fc.constantFrom('0', '0-3', '0-1,5,7-9'),
      shares: fc.integer({ min: 1, max: 262144 }),
      periodUs: fc.integer({ min: 1000, max: 1000000 }),
      quotaUs: fc.oneof(fc.constant(-1), fc.integer({ min: 1000, max: 2 ** 40 })),
    }),
    init,
    privnet: fc.boolean(),
    capabilities,
    filesystems: fc.array(filesystem, { maxLength: 3 }),
    interfaces,
    consoles: fc.integer({ min: 0, max: 3 }),
    lifecycle: fc.record({
      onPoweroff: action,
      onReboot: action,
      onCrash: fc.oneof(action, fc.constantFrom('coredump-destroy' as const, 'coredump-restart' as const)),
    }),
    stop: some<{ stopSignal: string }>({ stopSignal: fc.constantFrom('TERM', 'USR2', 'RTMIN+3') }),
    security: fc.record({
      seccomp: fc.constantFrom('os' as const, 'none' as const),
      masks: fc.boolean(),
      nesting: fc.boolean(),
    }),
  })
  .map((parts) => ({
    format: 'libvirt' as const,
    name: parts.name,
    ...parts.optional,
    memory: { totalBytes: parts.totalBytes, ...parts.limits },
    cpu: { count: parts.count, ...parts.cpu },
    init: parts.init,
    features: { privnet: parts.privnet, capabilities: parts.capabilities },
    filesystems: parts.filesystems,
    interfaces: parts.interfaces,
    consoles: Array.from({ length: parts.consoles }, () => ({ type: 'pty' as const })),
    lifecycle: { ...parts.lifecycle, ...parts.stop },
    security: parts.security,
  }));
