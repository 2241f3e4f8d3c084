import fc from 'fast-check';
import { CAPABILITY_NAMES } from '../../../../src/config/capability-names.js';
import { device, named, path, resources, seccomp, some, text, uint32, word } from './linux-arbitrary.js';

/** Any config.json that is right: plain data, each optional property there or not. */

const variable = fc.tuple(word, text).map(([name, value]) => `${name.toUpperCase()}=${value}`);
const capabilities = fc.subarray(CAPABILITY_NAMES.map((name) => `CAP_${name.toUpperCase()}`));
const pathList = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 8 }),
  fc.constant('/usr/local/bin:/bin::sbin'),
);

const process = some(
  {
    terminal: fc.boolean(),
    consoleSize: fc.constant({ height: 5, width: 6 }),
    user: some({ uid: uint32, gid: uint32, umask: fc.nat(0o777), additionalGids: fc.array(uint32, { maxLength: 3 }) }, [
      'uid',
      'gid',
    ]),
    args: fc
      .tuple(
        fc.oneof(
          word,
          path,
          word.map((name) => `./${name}`),
        ),
        fc.array(text, { maxLength: 3 }),
      )
      .map(([program, args]) => [program, ...args]),
    env: fc
      .tuple(fc.array(variable, { maxLength: 3 }), fc.option(pathList))
      .map(([env, list]) => (list === null ? env : [...env, `PATH=${list}`])),
    cwd: path,
    capabilities: some({
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      inheritable: capabilities,
      ambient: capabilities,
    }),
    rlimits: fc.uniqueArray(
      fc
        .tuple(fc.constantFrom('RLIMIT_NOFILE', 'RLIMIT_CORE', 'RLIMIT_AS'), uint32, uint32)
        .map(([type, soft, more]) => ({ type, soft, hard: soft + more })),
      { selector: ({ type }) => type, maxLength: 3 },
    ),
    noNewPrivileges: fc.boolean(),
    oomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
    apparmorProfile: text,
    selinuxLabel: text,
    scheduler: fc.constant({ policy: 'SCHED_IDLE' }),
  },
  ['user', 'args', 'cwd'],
);

const propagation = fc.constantFrom('private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared', 'unbindable');
const common = fc.constantFrom(
  'ro',
  'rw',
  'rro',
  'nosuid',
  'suid',
  'nodev',
  'noexec',
  'relatime',
  'strictatime',
  'nosymfollow',
  'defaults',
  'rnosuid',
  'lazytime',
);
const option = fc.oneof(
  common,
  propagation,
  fc.constantFrom(
    'mode=755',
    'mode=01777',
    'size=64k',
    'size=5%',
    'size=0',
    'nr_inodes=7',
    'gid=5',
    'hidepid=2',
    'a,b',
    'tmpcopyup',
    'noload',
  ),
);
const options = fc.array(option, { maxLength: 5 });

const mount = fc.oneof(
  some(
    {
      destination: path,
      type: fc.constantFrom('bind', 'none'),
      source: fc.oneof(path, word),
      options: fc.oneof(
        options,
        options.map((all) => ['rbind', ...all]),
      ),
    },
    ['destination', 'type', 'source'],
  ),
  some(
    {
      destination: path,
      type: fc.constantFrom('tmpfs', 'mqueue', 'overlay', 'ext4', 'proc', 'devpts'),
      source: fc.oneof(word, fc.constant('/dev/vdb')),
      options,
    },
    ['destination', 'type'],
  ),
  fc
    .constantFrom(
      ['/proc', 'proc'],
      ['/sys', 'sysfs'],
      ['/dev', 'tmpfs'],
      ['/dev/pts', 'devpts'],
      ['/sys/fs/cgroup', 'cgroup'],
      ['/sys/fs/cgroup', 'cgroup2'],
    )
    .chain(([destination, type]) => options.map((all) => ({ destination, type, source: type, options: all }))),
);

const hook = some(
  {
    path,
    args: fc.array(text, { maxLength: 3 }),
    env: fc.array(variable, { maxLength: 2 }),
    timeout: fc.integer({ min: 1, max: 99 }),
  },
  ['path'],
);
const hooks = fc.array(hook, { maxLength: 2 });

const mappings = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 99 }), fc.nat(9)), { minLength: 1, maxLength: 3 })
  .chain((steps) => {
    let inside = 0;
    let outside = 1000;
    const ranges = steps.map(([size, gap]) => {
      const range = { containerID: inside, hostID: outside, size };
      inside += size + gap;
      outside += size + gap;
      return range;
    });
    return fc.shuffledSubarray(ranges, { minLength: ranges.length });
  });

const namespaces = fc
  .subarray(['pid', 'network', 'mount', 'ipc', 'user', 'cgroup', 'time'])
  .chain((types) =>
    fc.tuple(
      ...types.map((type) =>
        fc.oneof(
          fc.constant({ type }),
          path.map((file) => ({ type, path: file })),
        ),
      ),
    ),
  )
  .map((list) => [{ type: 'uts' }, ...list]);

const linux = fc
  .record(
    {
      namespaces,
      uidMappings: mappings,
      gidMappings: mappings,
      devices: fc.array(device, { maxLength: 2 }),
      cgroupsPath: fc.oneof(path, word, fc.constant('system.slice:a:b')),
      resources,
      rootfsPropagation: propagation,
      seccomp,
      sysctl: named(text, fc.constantFrom('net.ipv4.ip_forward', 'kernel.shmmax', 'vm.swappiness')),
      maskedPaths: fc.array(path, { maxLength: 2 }),
      readonlyPaths: fc.array(path, { maxLength: 2 }),
      intelRdt: fc.constant({ closID: 'x' }),
    },
    { requiredKeys: ['namespaces', 'uidMappings', 'gidMappings'] },
  )
  .chain((all) => {
    const hasTime = all.namespaces.some(({ type }) => type === 'time');
    const offset = some({ secs: fc.integer({ min: -99, max: 99 }), nanosecs: fc.nat(999_999_999) });
    return (hasTime ? some({ monotonic: offset, boottime: offset }) : fc.constant(undefined)).map((timeOffsets) => ({
      ...all,
      timeOffsets,
    }));
  });

export const anyConfig = some(
  {
    ociVersion: fc.constantFrom('1.0.0', '1.2.0'),
    process,
    root: some({ path: fc.oneof(path, word), readonly: fc.boolean() }, ['path']),
    hostname: text,
    domainname: text,
    mounts: fc.array(mount, { maxLength: 5 }),
    hooks: some({
      prestart: hooks,
      createRuntime: hooks,
      createContainer: hooks,
      startContainer: hooks,
      poststart: hooks,
      poststop: hooks,
    }),
    annotations: named(text),
    linux,
    vm: fc.constant({ hypervisor: { path: '/x' } }),
  },
  ['ociVersion', 'root', 'linux'],
);
