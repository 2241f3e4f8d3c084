import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLxc } from '../../../../src/config/lxc/format-lxc.js';
import { readLxcLikeLibvirt } from '../../../../src/config/lxc/read-like-libvirt.js';
import { readLxc } from '../../../../src/config/lxc/read-lxc.js';
import { renderDiagnostics } from '../../../../src/config/render-diagnostics.js';
import { sourcesOf } from './sources.js';
import { lxcText, NAMED_FILES } from './text-arbitrary.js';

test('twelve mistakes give twelve errors, each at its place, the near ones with a hint', () => {
  const text = `# a container
lxc.uts.name = web
lxc.rootfs.path = ovrlay:/a:/b
lxc.archx = x86_64
  lxc.autodev = 2
lxc.net.0.type = vetch
lxc.net.1.typ = veth
lxc.idmap = x 0 1 2
lxc.cap.drop = chown sys_modul
lxc.start.auto
lxc.mount.entry = /a
lxc.cgroup2.memory.max = lots
lxc.prlimit.nofil = 5
lxc.signal.halt = SIGPWRR
`;
  const { definition, diagnostics } = readLxc(text, { file: 'config' });
  expect(definition).toBeUndefined();
  expect(diagnostics.map(({ line, column, hint = '' }) => `${line}:${column} ${hint}`)).toEqual([
    "3:19 did you mean 'overlay'?",
    "4:1 did you mean 'lxc.arch'?",
    '5:17 ',
    "6:18 did you mean 'veth'?",
    "7:1 did you mean 'lxc.net.1.type'?",
    '8:13 ',
    "9:16 did you mean 'sys_module'?",
    '10:1 ',
    '11:19 ',
    '12:26 ',
    "13:1 did you mean 'nofile'?",
    "14:19 did you mean 'SIGPWR'?",
  ]);
  expect(diagnostics.every(({ severity }) => severity === 'error')).toBe(true);
});

test.each([
  ['lxc.rootfs.path = srv', "'lxc.rootfs.path' must be an absolute path, not 'srv'"],
  ['lxc.net = x', "'lxc.net' takes no value: write lxc.net.N.KEY"],
  ['lxc.net.0 = x', "'lxc.net.0' takes no value: write lxc.net.0.KEY"],
  ['lxc.net.x.type = veth', "'lxc.net.x.type' must be lxc.net.N.KEY, with N a number"],
  ['lxc.net.2147483647.type = veth', 'the number of a network must be at most 2147483646, not 2147483647'],
  ['lxc.hook = x', "'lxc.hook' takes no value: name the hook"],
  ['lxc.prlimit = 5', "'lxc.prlimit' takes no value: write lxc.prlimit.NAME"],
  ['lxc.prlimit.core = 5:2', "'lxc.prlimit.core': the soft limit must not be above the hard one"],
  ['lxc.prlimt.core = 5', "unknown key 'lxc.prlimt.core'"],
  ['lxc.hook.version = 2', "'lxc.hook.version' must be one of 0, 1, not '2'"],
  ['lxc.time.offset.boot = 9999999999999h', "'lxc.time.offset.boot' must fit 64 bits of nanoseconds"],
  ['lxc.cap.drop = chown\nlxc.cap.keep = kill', 'lxc.cap.keep and lxc.cap.drop exclude each other'],
  [
    'lxc.namespace.clone = net\nlxc.namespace.keep = ipc',
    'lxc.namespace.clone and lxc.namespace.keep exclude each other',
  ],
  [
    'lxc.cgroup.dir = a\nlxc.cgroup.dir.container = b',
    'lxc.cgroup.dir and lxc.cgroup.dir.container exclude each other',
  ],
  ['lxc.namespace.share.foo = x', "unknown namespace 'foo'"],
  ['lxc.net.0.type = phys', 'network 0 is of type phys and needs lxc.net.0.link'],
  ['lxc.net.0.type = vlan\nlxc.net.0.link = e', 'network 0 is of type vlan and needs lxc.net.0.vlan.id'],
  ['lxc.net.0.type = veth\nlxc.net.0.vlan.id = 5', 'lxc.net.0.vlan.id is for vlan, and network 0 is veth'],
  [
    'lxc.net.0.type = veth\nlxc.net.0.name = a\nlxc.net.1.type = veth\nlxc.net.1.name = a',
    "'a' is already the name of another link",
  ],
  ['lxc.net.0.hwaddr = 01:00:00:00:00:00', "'lxc.net.0.hwaddr' must be a unicast address, and this is a multicast one"],
  ['lxc.idmap = u 5 1000 10', "'lxc.idmap' must map root: no uid range begins at id 0 inside"],
  [
    'lxc.idmap = u 0 1000 10\nlxc.idmap = g 0 1000 10\nlxc.idmap = g 5 9000 10',
    'this gid range overlaps another one inside',
  ],
  [
    'lxc.idmap = u 0 1000 10\nlxc.idmap = u 20 1005 10\nlxc.idmap = g 0 1 1',
    'this uid range overlaps another one on the host',
  ],
  ['lxc.mount.entry = a b none bind', "'lxc.mount.entry': the source of a bind must be an absolute path, not 'a'"],
  ['lxc.mount.entry = /a ../b none bind', "'lxc.mount.entry': the target must not contain '..'"],
  ['lxc.cgroup2.devices.allow = x', "'lxc.cgroup2.devices.allow' must be 'a', or like 'c 1:3 rwm', not 'x'"],
  ['lxc.proc.oom_score_adj = x', "'lxc.proc.oom_score_adj' must be a whole number from -1000 to 1000, not 'x'"],
  ['lxc.init.cwd = /a\u0007', 'a line must not hold control characters'],
  ['lxc.include = /x', "cannot include '/x': this text has no files beside it"],
  ['lxc.seccomp.profile = /x', "cannot read '/x': this text has no files beside it"],
  ['lxc.mount.fstab = /x', "cannot read '/x': this text has no files beside it"],
])('%s is an error', (lines, message) => {
  const { diagnostics } = readLxc(`lxc.uts.name = web\nlxc.rootfs.path = /srv\n${lines}\n`, { file: 'config' });
  expect(diagnostics.filter(({ severity }) => severity === 'error').map((fault) => fault.message)).toContain(message);
});

test.each([
  ['lxc.pty.max = 5', "'lxc.pty.max' has no effect: the kernel's own limit holds"],
  ['lxc.sched.core = 1', 'this can be defined, but not started: lxc.sched.core asks for core scheduling'],
  [
    'lxc.net.3.type = veth\nlxc.net.3.script.up = /x',
    'this can be defined, but not started: lxc.net.0.script.up asks for a program of its own for a link',
  ],
  ['lxc.net.0.type = none\nlxc.net.0.mtu = 1400', 'no effect: network 0 is none'],
  ['lxc.mount.entry = devpts dev/pts devpts gid=5', "no effect: ctr itself mounts what belongs on '/dev/pts'"],
])('%s is a warning', (lines, message) => {
  const { definition, diagnostics } = readLxc(`lxc.uts.name = web\nlxc.rootfs.path = /srv\n${lines}\n`, {
    file: 'config',
  });
  expect(definition).toBeDefined();
  expect(diagnostics).toMatchObject([{ severity: 'warning', message }]);
});

test('a file of more than 1 MiB is refused without being read', () => {
  const { diagnostics } = readLxc(`lxc.foo = 1\n${'#'.repeat(1024 * 1024)}`, { file: 'config' });
  expect(diagnostics.map(({ message }) => message)).toContain('the file is longer than 1024 KiB');
  expect(diagnostics.some(({ message }) => message.includes('lxc.foo'))).toBe(false);
});

const junk = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '\0',
    '\r',
    '\u2028',
    '\ud800',
    '__proto__',
    'constructor',
    '=',
    '[',
    '"',
    "'",
    '.',
    ':',
    ',',
    'x'.repeat(500),
  ),
);

/** A right text with junk in some places: that gets deeper than junk alone. */
const broken = fc
  .tuple(lxcText, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 5 }), junk), { minLength: 1, maxLength: 8 }))
  .map(([text, edits]) =>
    edits.reduce((changed, [place, length, piece]) => {
      const at = place % (changed.length + 1);
      return changed.slice(0, at) + piece + changed.slice(at + length);
    }, text),
  );

test('any text gives a container or at least one error, each at a place in it', { timeout: 60_000 }, () => {
  const sources = sourcesOf(NAMED_FILES);
  fc.assert(
    fc.property(fc.oneof(junk, broken), (text) => {
      for (const read of [readLxc, readLxcLikeLibvirt]) {
        const { definition, diagnostics } = read(text, { file: 'config', sources });
        expect(definition === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
        expect(diagnostics.every(({ line, column }) => line >= 1 && column >= 1)).toBe(true);
        renderDiagnostics(diagnostics, text);
        if (definition !== undefined && read === readLxc) formatLxc(definition.spec);
      }
    }),
    { numRuns: 500 },
  );
});

test('any rules for system calls give a profile or an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        junk,
        fc
          .array(fc.oneof(junk, fc.constantFrom('[x86]', 'read', 'read errno 5 [0,1,==]', 'write [1,2,&=,3]')))
          .map((lines) => `2\ndenylist\n${lines.join('\n')}`),
      ),
      (profile) => {
        const sources = sourcesOf({ '/p': profile });
        const text = 'lxc.uts.name = web\nlxc.rootfs.path = /srv\nlxc.seccomp.profile = /p\n';
        const { definition, diagnostics } = readLxc(text, { file: 'config', sources });
        expect(definition === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      },
    ),
    { numRuns: 300 },
  );
});

test('a family of keys without a name is told so', () => {
  const { diagnostics } = readLxc('lxc.uts.name = a\nlxc.rootfs.path = /a\nlxc.sysctl. = 1\n', { file: 'config' });
  expect(diagnostics).toMatchObject([
    { message: "unknown key 'lxc.sysctl.'", hint: 'after it comes a name: lxc.sysctl.NAME' },
  ]);
});
