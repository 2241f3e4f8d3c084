import { beforeAll, describe, expect, test } from 'vitest';
import type { TextFormat } from '../../../src/config/detect-format.js';
import type { Diagnostic, Sources } from '../../../src/config/index.js';
import { loadFormat, parseDefinition } from '../../../src/config/index.js';
import { findMountFault, magicLinkReason } from '../../../src/config/mount-paths.js';
import type { FilesystemSpec } from '../../../src/config/spec.js';
import { planFilesystems } from '../../../src/rootfs/plan-filesystems.js';
import { domainXml } from '../../rig/domain.js';
import { GIDS, type Parts, WRITERS } from './bad-input-texts.js';

const FORMATS: readonly TextFormat[] = ['libvirt', 'nspawn', 'lxc', 'oci', 'json'];

beforeAll(async () => {
  for (const format of FORMATS) await loadFormat(format);
});

function read(text: string, format: TextFormat, sources?: Sources) {
  const rootfs = format === 'nspawn' ? { rootfs: '/srv' } : {};
  return parseDefinition(text, { file: 'f', format, name: 'vm', ...rootfs, ...(sources ? { sources } : {}) });
}

/** What is said of a text, `error LINE:COLUMN MESSAGE`. */
function remarks(text: string, format: TextFormat, sources?: Sources): string[] {
  const result = read(text, format, sources);
  const all: readonly Diagnostic[] = result.ok ? result.warnings : result.diagnostics;
  return all.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`);
}

/** Every format that can say it refuses it, and says where: never at the very beginning of the text. */
function expectRefused(parts: Parts, message: RegExp): void {
  for (const format of FORMATS) {
    const text = WRITERS[format](parts);
    if (text === undefined || text === WRITERS[format]({})) continue;
    const errors = remarks(text, format).filter((remark) => remark.startsWith('error '));
    expect({ format, parts, errors }).toEqual({
      format,
      parts,
      errors: expect.arrayContaining([expect.stringMatching(message)]),
    });
    expect(errors.filter((error) => error.startsWith('error 1:1 '))).toEqual([]);
  }
}

test('what the cases begin with is right in every format', () => {
  for (const format of FORMATS) {
    const parts = { idmap: GIDS, source: '/data', user: '1000' };
    for (const text of [WRITERS[format](parts), WRITERS[format]({ user: '1000' })])
      expect({ format, remarks: remarks(text ?? '', format) }).toEqual({ format, remarks: [] });
  }
});

describe('an id map is refused that', () => {
  const many = Array.from({ length: 341 }, (_, index) => [index, 500_000 + index, 1] as const);
  test.each<[string, Parts['idmap'] & {}, RegExp]>([
    [
      'overlaps inside',
      [
        [0, 500_000, 10],
        [5, 600_000, 10],
      ],
      /overlap|has ids that range|come after/,
    ],
    [
      'overlaps on the host',
      [
        [0, 500_000, 10],
        [10, 500_005, 10],
      ],
      /overlap|has ids that range/,
    ],
    ['maps nothing', [[0, 500_000, 0]], /0/],
    ['wraps', [[0, 4_294_967_290, 10]], /last id|4294967295/],
    ['misses root', [[1, 500_000, 10]], /root|must be 0/],
    ['has more lines than the kernel takes', many, /340/],
  ])('%s', (_, idmap, message) => expectRefused({ idmap }, message));
});

test('an id map with id 0 of the host is remarked where it stands, and a start refuses it, unless it says that it is meant', () => {
  const idmap = [[0, 0, 65_536]] as const;
  for (const format of ['libvirt', 'lxc', 'oci', 'json'] as const) {
    const said = remarks(WRITERS[format]({ idmap }) ?? '', format);
    expect({ format, said }).toEqual({
      format,
      said: [expect.stringMatching(/^warning (?!1:1 ).*id 0 of the host/)],
    });
  }
  const said = domainXml({
    name: 'vm',
    rootfs: '/srv',
    idmap: "<idmap><uid start='0' target='0' count='9'/><gid start='0' target='0' count='9'/></idmap>",
    metadata: "<ctr:host-root state='on'/>",
  });
  expect(remarks(said, 'libvirt')).toEqual([]);
  for (const users of ['identity', '0:65536']) {
    const result = read(`[Exec]\nPrivateUsers=${users}\n`, 'nspawn');
    expect(result.ok && result.definition.spec.security.hostRoot).toBe(true);
  }
});

test.each([
  '/proc/self/fd/3',
  '/proc/1/root',
  '/proc/self/cwd/x',
  '/proc/thread-self/root/etc',
  '/proc/self/task/7/root',
  '/proc/1/ns/net',
  '/proc/self/exe',
  '/dev/fd/3',
  '/dev/stdin',
  '/srv/../proc/1/root',
])('a source that is, or leads through, the magic link %s is refused', (source) => {
  expect(magicLinkReason(source)).toMatch(/magic link/);
  // Two dots are refused for what they are by some.
  expectRefused({ source }, /magic link|'\.\.'|must be SRC/);
});

test.each([
  '/proc/1',
  '/proc/self/status',
  '/proc/driver',
  '/proc/rooted',
  '/proc/self/fd',
  '/dev/fdx',
  '/srv/proc/1/root',
  '/process',
])('the source %s is none', (source) => expect(magicLinkReason(source)).toBeUndefined());

test.each(['/proc/x', '/proc/sys/net', '/proc/1/root', '/proc/./sys', '//proc/sys'])(
  'a mount on %s is refused',
  (target) => expectRefused({ source: '/srv', target }, /below|must not be '\/proc'|must be SRC/),
);

test('readers and the planner agree about targets below /proc', () => {
  const targets = [
    'cpuinfo',
    'meminfo',
    'stat',
    'uptime',
    'swaps',
    'keys',
    'sys',
    'sys/net',
    '1',
    'stat/x',
    'sysrq-trigger',
  ];
  for (const target of targets.map((name) => `/proc/${name}`)) {
    for (const type of ['mount', 'inaccessible'] as const) {
      const filesystem = { type, target, source: '/srv', readonly: false, accessMode: 'passthrough' } as FilesystemSpec;
      const plan = () => planFilesystems([filesystem], { root: undefined, mapUid: (id) => id, mapGid: (id) => id });
      if (findMountFault(filesystem) === undefined) expect(plan).not.toThrow();
      else expect(plan).toThrow(/ctr itself mounts/);
    }
  }
});

test.each(['0x0', '1e3', '-1', '4294967296', '4294967295', '1000:', '01', '00', 'a b', 'ann:users'])(
  'the user %j is refused',
  (user) => expectRefused({ user }, /user|uid|User|number|malformed/i),
);

test.each(['CAP_FOO', 'foo', 'sys_admin2'])('the capability %s is refused', (capability) =>
  expectRefused({ capability }, new RegExp(`${capability}`, 'i')),
);

describe('a seccomp filter is refused that has', () => {
  const oci = (defaultAction: string, call: string, action: string) =>
    WRITERS.oci({})?.replace(
      '"linux": {',
      `"linux": {"seccomp": {"defaultAction": "${defaultAction}",
        "syscalls": [{"names": ["${call}"],
          "action": "${action}"}]},`,
    ) ?? '';
  const lxc = (file: string) =>
    remarks(`${WRITERS.lxc({})}lxc.seccomp.profile = /f\n`, 'lxc', {
      readText: () => ({ ok: true, value: file }),
      list: () => ({ ok: false, reason: 'no such directory' }),
    });
  const own = (name: string, action: string) =>
    remarks(
      domainXml({
        name: 'vm',
        rootfs: '/srv',
        metadata: `<ctr:seccomp profile='own' default='allow'>\n<ctr:rule names='${name}' action='${action}'/></ctr:seccomp>`,
      }),
      'libvirt',
    );

  test('an action that no kernel has', () => {
    expect(remarks(oci('SCMP_ACT_ALOW', 'read', 'SCMP_ACT_ERRNO'), 'oci')).toContainEqual(
      expect.stringMatching(/^error [^1].*SCMP_ACT_ALOW/),
    );
    expect(remarks(oci('SCMP_ACT_ALLOW', 'read', 'SCMP_ACT_NO'), 'oci')).toContainEqual(
      expect.stringMatching(/^error [^1].*SCMP_ACT_NO'/),
    );
    expect(lxc('2\ndenylist\nread maybe\n')).toContainEqual(expect.stringMatching(/^error 3:.*maybe/));
    expect(own('read', 'maybe')).toContainEqual(expect.stringMatching(/^error .*maybe/));
  });

  test('a call that no kernel has', () => {
    expect(remarks(oci('SCMP_ACT_ALLOW', 'raed', 'SCMP_ACT_ERRNO'), 'oci')).toContainEqual(
      expect.stringMatching(/raed/),
    );
    expect(lxc('2\ndenylist\nraed errno 1\n')).toContainEqual(expect.stringMatching(/^error 3:.*raed/));
    expect(own('raed', 'errno')).toContainEqual(expect.stringMatching(/raed/));
  });
});
