import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOci } from '../../../../src/config/oci/format-oci.js';
import { readOci } from '../../../../src/config/oci/read-oci.js';
import { configText, messagesOf, OPTIONS, specOf } from './config-text.js';

test('a file with many mistakes has them reported together, each at its place', () => {
  const text = `{
  "ociVersion": "2.0.0",
  "proces": {},
  "process": {
    "user": {"uid": -1, "gid": "0"},
    "args": [],
    "env": ["PATH"],
    "cwd": "srv",
    "capabilities": {"bounding": ["CAP_FOO", "CAP_KILLL"]},
    "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 5, "hard": 1}, {"type": "RLIMIT_NOFIL", "soft": 1.5, "hard": 1}],
    "oomScoreAdj": 2000
  },
  "root": {"readonly": "yes"},
  "mounts": [{"type": "proc"}, {"destination": "/a", "type": "bind"}],
  "hooks": {"prestart": [{"path": "bin/x", "timeout": 0}]},
  "linux": {
    "namespaces": [{"type": "pid"}, {"type": "pid"}, {"type": "net"}],
    "uidMappings": [{"containerID": 0, "hostID": 5, "size": 10}, {"containerID": 9, "hostID": 100, "size": 0}],
    "devices": [{"access": "mmmw;r"}],
    "resources": {"memory": {"limit": 10, "swap": 5}, "unified": {"../x": "1"}},
    "seccomp": {"defaultAction": "SCMP_ACT_NOTIFY", "syscalls": [{"names": [], "action": "SCMP_ACT_ALLOW"}]},
    "maskedPaths": ["proc/kcore"]
  }
}`;
  const { diagnostics } = readOci(text, OPTIONS);
  expect(
    diagnostics.map(
      ({ severity, line, column, message, hint }) =>
        `${line}:${column} ${severity === 'warning' ? 'warning: ' : ''}${message}${hint === undefined ? '' : ` (${hint})`}`,
    ),
  ).toEqual([
    '2:17 ociVersion has major version 2: ctr knows 1 alone',
    "3:3 warning: unknown property 'proces': it is ignored (did you mean 'process'?)",
    "5:21 process.user.uid must be a whole number from 0 to 4294967294, not '-1'",
    "5:32 process.user.gid must be a whole number from 0 to 4294967294, not '0'",
    '6:13 process.args must name a program',
    "7:13 process.env[0] must be NAME=value, not 'PATH'",
    "8:12 process.cwd must be an absolute path, not 'srv'",
    "9:35 process.capabilities.bounding[0] must be a capability, like CAP_KILL, not 'CAP_FOO'",
    "9:46 process.capabilities.bounding[1] must be a capability, like CAP_KILL, not 'CAP_KILLL' (did you mean 'CAP_KILL'?)",
    '10:51 process.rlimits[0].soft must be at most the hard limit, 1',
    expect.stringContaining("not 'RLIMIT_NOFIL' (did you mean 'RLIMIT_NOFILE'?)"),
    "10:99 process.rlimits[1].soft must be a whole number from 0 to 18446744073709551615, not '1.5'",
    "11:20 process.oomScoreAdj must be a whole number from -1000 to 1000, not '2000'",
    "13:11 root needs 'path'",
    "13:24 root.readonly must be true or false, not 'yes'",
    "14:14 mounts[0] needs 'destination'",
    "14:32 mounts[1] needs 'source'",
    "15:35 hooks.prestart[0].path must be an absolute path, not 'bin/x'",
    "15:55 hooks.prestart[0].timeout must be a whole number from 1 to 2147483647, not '0'",
    expect.stringContaining('linux.namespaces[2].type must be one of pid, network,'),
    "18:108 linux.uidMappings[1].size must be a whole number from 1 to 4294967295, not '0'",
    "19:17 linux.devices[0] needs 'type'",
    "19:17 linux.devices[0] needs 'path'",
    "19:18 warning: unknown property 'access' in linux.devices[0]: it is ignored",
    '20:51 linux.resources.memory.swap must be at least the limit, 10: it is the sum',
    "20:67 the name in linux.resources.unified must be a name of a file, like memory.high, not '../x'",
    expect.stringContaining('21:34 linux.seccomp.defaultAction must be one of'),
    '21:76 linux.seccomp.syscalls[0].names must name a system call',
    "22:21 linux.maskedPaths[0] must be an absolute path, not 'proc/kcore'",
  ]);
});

const map = (...ranges: [number, number, number][]) =>
  ranges.map(([containerID, hostID, size]) => ({ containerID, hostID, size }));

describe('parts that contradict each other', () => {
  const namespaces = [{ type: 'mount' }, { type: 'user' }];
  test.each([
    ["hostname needs a namespace of type 'uts'", { hostname: 'a', linux: { namespaces: [{ type: 'mount' }] } }],
    ["linux needs 'uidMappings' for its user namespace", { linux: { namespaces, gidMappings: map([0, 1, 1]) } }],
    ["linux needs 'gidMappings' for its user namespace", { linux: { namespaces, uidMappings: map([0, 1, 1]) } }],
    ["linux.timeOffsets needs a namespace of type 'time'", { linux: { timeOffsets: { boottime: { secs: 1 } } } }],
    [
      'linux.uidMappings[0].containerID must be 0 in one of the ranges: root inside needs an id',
      { linux: { uidMappings: map([5, 1, 1]) } },
    ],
    [
      'linux.uidMappings[1].hostID has ids that range 0 has, too',
      { linux: { uidMappings: map([0, 10, 5], [5, 14, 5]) } },
    ],
    [
      'linux.uidMappings[0].size goes beyond 4294967294, the last id',
      { linux: { uidMappings: map([0, 4_294_967_290, 10]) } },
    ],
    ["linux.devices[0] needs 'major' and 'minor'", { linux: { devices: [{ type: 'c', path: '/dev/x' }] } }],
    [
      "linux.devices[0].type must be 'c' or 'b': a FIFO is not supported yet",
      { linux: { devices: [{ type: 'p', path: '/dev/x' }] } },
    ],
    [
      'process.rlimits[1].type stands twice: the first is entry 0',
      { process: { rlimits: [1, 2].map(() => ({ type: 'RLIMIT_CPU', soft: 1, hard: 1 })) } },
    ],
  ])('%s', (message, changes) => {
    expect(messagesOf(configText(changes))).toEqual([message]);
  });
});

describe('what is set aside is looked at all the same', () => {
  test.each([
    [
      "linux.netDevices.eth0.name must be a name of a link, not '23'",
      { linux: { namespaces: [{ type: 'mount' }], netDevices: { eth0: { name: 23 } } } },
    ],
    ["process.consoleSize needs 'width'", { process: { consoleSize: { height: 25 } } }],
    ["process.scheduler needs 'policy'", { process: { scheduler: { nice: 5 } } }],
    [
      "process.ioPriority.priority must be a whole number from 0 to 7, not '8'",
      { process: { ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 8 } } },
    ],
  ])('%s', (message, changes) => {
    expect(readOci(configText(changes), OPTIONS).definition).toBeUndefined();
    expect(messagesOf(configText(changes))).toContain(message);
  });
});

test('a system call that nobody knows is ignored where it would be allowed, and refused where it would be denied', () => {
  const seccomp = (defaultAction: string, action: string) =>
    configText({ linux: { seccomp: { defaultAction, syscalls: [{ names: ['read', 'call_to_come'], action }] } } });
  const allowing = seccomp('SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW');
  expect(readOci(allowing, OPTIONS).diagnostics).toMatchObject([
    { severity: 'warning', message: "linux.seccomp.syscalls[0].names[1] is no system call: 'call_to_come': ignored" },
  ]);
  expect(specOf(allowing).security.seccomp).toMatchObject({ rules: [{ names: ['read'], action: 'allow' }] });
  const denying = seccomp('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO');
  expect(readOci(denying, OPTIONS).definition).toBeUndefined();
});

test('a limit of huge pages beyond what a number holds is none', () => {
  const limits = [
    { pageSize: '2MB', limit: 2 ** 63 - 1024 },
    { pageSize: '1GB', limit: 1_073_741_824 },
  ];
  const { cgroupFiles } = specOf(configText({ linux: { resources: { hugepageLimits: limits } } }));
  expect(cgroupFiles?.map(({ file }) => file)).toEqual(['hugetlb.1GB.limit_in_bytes']);
});

test.each(['1', '1.0', '1.0.0', '1.0.2-dev', '1.1.0+x', '1.2.1', '1.9.0'])('version %s is read', (ociVersion) => {
  expect(messagesOf(configText({ ociVersion }))).toEqual([]);
});

test.each(['0.9.0', '2.0.0', '11.0.0', '', 'one', '1.0.0.0'])("version '%s' is refused", (ociVersion) => {
  expect(messagesOf(configText({ ociVersion }))).toHaveLength(1);
});

test.each(['net/../kernel/x', '..', 'net..x', '/net/x', 'net./x', 'net/', 'a b'])("sysctl '%s' is no name", (name) => {
  expect(messagesOf(configText({ linux: { sysctl: { [name]: '1' } } }))).toHaveLength(1);
});

test('any text gives a spec or an error, and never throws', () => {
  const right = formatOci(specOf(configText({ hooks: { prestart: [{ path: '/a' }] }, annotations: { a: 'b' } })));
  const values = fc.constantFrom(
    'null',
    '-1',
    '1e99',
    '18446744073709551616',
    '""',
    '"\\u0000"',
    '{}',
    '[]',
    '[[]]',
    'true',
    '"/"',
    '{"__proto__":1}',
  );
  fc.assert(
    fc.property(fc.nat(right.length - 1), fc.nat(30), fc.oneof(values, fc.string({ maxLength: 4 })), (at, cut, put) => {
      const { definition, diagnostics } = readOci(right.slice(0, at) + put + right.slice(at + cut), OPTIONS);
      expect(definition === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      for (const { line, column } of diagnostics) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: 1000 },
  );
});

test('any value at any place gives a spec or an error in its line', () => {
  const lines = formatOci(
    specOf(configText({ hostname: 'web', linux: { resources: { memory: { limit: 5 } }, maskedPaths: ['/a'] } })),
  ).split('\n');
  const withValue = lines.flatMap((line, index) => (/": (".*"|\d+|true|false),?$/.test(line) ? [index] : []));
  const value = fc.constantFrom('[]', '{}', '-5', '1.5', '""', '"\\u0000"', 'true', '"x"', '99999999999999999999');
  fc.assert(
    fc.property(fc.constantFrom(...withValue), value, (index, put) => {
      const text = lines
        .with(index, (lines[index] ?? '').replace(/: (".*"|\d+|true|false)(,?)$/, `: ${put}$2`))
        .join('\n');
      const { definition, diagnostics } = readOci(text, OPTIONS);
      if (definition === undefined)
        expect(diagnostics.some(({ severity, line }) => severity === 'error' && Math.abs(line - index - 1) <= 3)).toBe(
          true,
        );
    }),
    { numRuns: 500 },
  );
});
