import fc from 'fast-check';

/** Limits, devices and filters of a config.json, and what all its parts are made of. */

export const some = (shape: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []) =>
  fc.record(shape, { requiredKeys });

export const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/);
export const text = fc.string({ unit: fc.constantFrom('a', 'é', '"', '\\', '\n', '=', ' ', '😀', ','), maxLength: 6 });
export const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
export const uint32 = fc.nat(2 ** 31 - 1);
const limit = fc.oneof(fc.nat(2 ** 30), fc.constantFrom(-1, 0));
const number = { major: fc.nat(300), minor: fc.nat(300) };
export const device = some(
  {
    type: fc.constantFrom('c', 'b', 'u'),
    path: fc.oneof(
      word.map((name) => `/dev/${name}`),
      fc.constant('$DEV'),
    ),
    ...number,
    fileMode: fc.nat(0o777),
    uid: uint32,
    gid: uint32,
  },
  ['type', 'path', 'major', 'minor'],
);
const deviceRule = some(
  {
    allow: fc.boolean(),
    type: fc.constantFrom('a', 'b', 'c'),
    major: fc.integer({ min: -1, max: 9 }),
    minor: fc.integer({ min: -1, max: 9 }),
    access: fc.constantFrom('r', 'rw', 'mr', 'rwm'),
  },
  ['allow'],
);
const throttle = fc.array(some({ ...number, rate: uint32 }, ['major', 'minor', 'rate']), { maxLength: 3 });
export const named = (value: fc.Arbitrary<unknown>, name: fc.Arbitrary<string> = word) =>
  fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true });

export const resources = some({
  devices: fc.array(deviceRule, { maxLength: 3 }),
  memory: some({
    limit,
    reservation: limit,
    swappiness: fc.nat(100),
    kernelTCP: limit,
    disableOOMKiller: fc.boolean(),
    kernel: limit,
  }),
  cpu: some({
    shares: uint32,
    quota: limit,
    burst: uint32,
    period: fc.nat(1_000_000),
    realtimeRuntime: limit,
    realtimePeriod: uint32,
    cpus: fc.constantFrom('', '0', '0-3,7'),
    mems: fc.constantFrom('', '0'),
    idle: fc.nat(1),
  }),
  pids: fc.record({ limit }),
  blockIO: some({
    weight: fc.nat(1000),
    weightDevice: fc.array(some({ ...number, weight: fc.nat(1000) }, ['major', 'minor']), { maxLength: 2 }),
    throttleReadBpsDevice: throttle,
    throttleWriteIOPSDevice: throttle,
    leafWeight: fc.nat(9),
  }),
  hugepageLimits: fc.array(fc.record({ pageSize: fc.constantFrom('2MB', '1GB'), limit: uint32 }), { maxLength: 2 }),
  network: some({
    classID: uint32,
    priorities: fc.array(fc.record({ name: word, priority: uint32 }), { maxLength: 2 }),
  }),
  rdma: named(some({ hcaHandles: uint32, hcaObjects: uint32 })),
  unified: named(text, fc.constantFrom('memory.high', 'cpu.max.burst', 'cpu.idle', 'hugetlb.2MB.max', 'rdma.max')),
});

const argument = some(
  {
    index: fc.nat(5),
    value: uint32,
    valueTwo: uint32,
    op: fc.constantFrom('SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_EQ', 'SCMP_CMP_MASKED_EQ'),
  },
  ['index', 'value', 'op'],
);
const action = fc.constantFrom(
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_LOG',
);
export const seccomp = some(
  {
    defaultAction: action,
    defaultErrnoRet: fc.nat(99),
    architectures: fc.subarray(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32', 'SCMP_ARCH_ARM']),
    flags: fc.constant(['SECCOMP_FILTER_FLAG_LOG']),
    syscalls: fc.array(
      some(
        {
          names: fc.array(fc.constantFrom('read', 'openat2', 'socketcall'), { minLength: 1, maxLength: 3 }),
          action,
          errnoRet: fc.nat(99),
          args: fc.array(argument, { maxLength: 3 }),
        },
        ['names', 'action'],
      ),
      { maxLength: 3 },
    ),
  },
  ['defaultAction'],
);
