import { describe, expect, test } from 'vitest';
import type { ReadOptions } from '../../../../src/config/format.js';
import { readLxc } from '../../../../src/config/lxc/read-lxc.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';
import { sourcesOf } from './sources.js';

const ROOT = 'lxc.uts.name = web\nlxc.rootfs.path = /srv/web\n';

function read(text: string, options: Partial<ReadOptions> = {}): ContainerSpec {
  const { definition, diagnostics } = readLxc(ROOT + text, { file: 'config', ...options });
  if (definition === undefined) throw new Error(JSON.stringify(diagnostics));
  return definition.spec;
}

function messages(text: string, options: Partial<ReadOptions> = {}): string[] {
  const { diagnostics } = readLxc(text, { file: 'config', ...options });
  return diagnostics.map(({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`);
}

describe('lines', () => {
  test('blanks around key and value and one pair of quotes go', () => {
    expect(read(' \tlxc.init.cwd\t=\t"/a b" \n').init.dir).toBe('/a b');
    expect(read(`lxc.environment = 'A="b" 'x\n`).init.env).toEqual([{ name: "'A", value: `"b" 'x` }]);
  });

  test('a comment begins a line and nothing else', () => {
    expect(read('  # lxc.arch = nonsense\nlxc.init.cwd = /a # b\n').init.dir).toBe('/a # b');
  });

  test('what does not begin with lxc. is skipped with a warning', () => {
    expect(messages(`${ROOT}  foo = bar\n`)).toEqual([
      "3:3 warning skipped, as LXC does: 'foo' does not begin with 'lxc.'",
    ]);
  });

  test('the last line counts, an empty value takes back, and lists add up', () => {
    expect(read('lxc.init.cwd = /a\nlxc.init.cwd = /b\n').init.dir).toBe('/b');
    expect(read('lxc.init.cwd = /a\nlxc.init.cwd =\n').init.dir).toBeUndefined();
    expect(read('lxc.group = a\nlxc.group = b,c\n').autostart?.groups).toEqual(['a', 'b', 'c']);
    expect(read('lxc.group = a\nlxc.group =\nlxc.group = b\n').autostart?.groups).toEqual(['b']);
    expect(read('lxc.hook.start = /a\nlxc.hook =\nlxc.hook.stop = /b\n').hooks).toMatchObject([{ when: 'stop' }]);
    expect(read('lxc.net.0.type = veth\nlxc.net =\n').interfaces).toEqual([]);
    expect(read('lxc.prlimit.nofile = 1\nlxc.prlimit.core = 2\nlxc.prlimit.nofile =\n').process?.rlimits).toEqual([
      { name: 'core', soft: 2, hard: 2 },
    ]);
    expect(read('lxc.prlimit.nofile = 1\nlxc.prlimit =\n').process).toBeUndefined();
  });

  test('keys of LXC 2 mean the same as the new ones', () => {
    const { spec } =
      readLxc(
        'lxc.utsname = web\nlxc.rootfs = /srv/web\nlxc.tty = 2\nlxc.id_map = u 0 1000 10\nlxc.id_map = g 0 1000 10\nlxc.haltsignal = 10\nlxc.limit.nofile = 5\nlxc.network.type = veth\nlxc.network.ipv4 = 10.0.0.5/8\nlxc.network.type = phys\nlxc.network.link = eth1\n',
        { file: 'config' },
      ).definition ?? {};
    expect(spec).toEqual(
      read(
        'lxc.tty.max = 2\nlxc.idmap = u 0 1000 10\nlxc.idmap = g 0 1000 10\nlxc.signal.halt = SIGUSR1\nlxc.prlimit.nofile = 5\nlxc.net.0.type = veth\nlxc.net.0.ipv4.address = 10.0.0.5/8\nlxc.net.1.type = phys\nlxc.net.1.link = eth1\n',
      ),
    );
  });
});

describe('files that lines name', () => {
  test('includes are read in place, directories by their *.conf in order', () => {
    const sources = sourcesOf({
      '/etc/common': 'lxc.init.cwd = /common\nlxc.group = one\n',
      '/etc/d/2.conf': 'lxc.group = three\n',
      '/etc/d/1.conf': 'lxc.group = two\n',
      '/etc/d/README': 'lxc.nonsense = 1\n',
    });
    const spec = read('lxc.include = /etc/common\nlxc.include = /etc/d/\nlxc.init.cwd = /own\nlxc.group = four\n', {
      sources,
    });
    expect(spec.init.dir).toBe('/own');
    expect(spec.autostart?.groups).toEqual(['one', 'two', 'three', 'four']);
  });

  test('a fault of an included file has its place there', () => {
    const sources = sourcesOf({ '/etc/common': '\nlxc.autodev = 5\n' });
    const { diagnostics } = readLxc(`${ROOT}lxc.include = /etc/common\n`, { file: 'config', sources });
    expect(diagnostics).toMatchObject([{ file: '/etc/common', line: 2, column: 15, severity: 'error' }]);
  });

  test('a missing directory, told by its slash, is an empty one, as LXC has it', () => {
    const no = { ok: false, reason: 'ENOENT (no such file or directory)' } as const;
    const missing = { readText: () => no, list: () => no };
    expect(messages(`${ROOT}lxc.include = /d/\n`, { sources: missing })).toEqual([
      "3:15 warning nothing is included: directory '/d/' does not exist",
    ]);
    expect(messages(`${ROOT}lxc.include = /d\n`, { sources: missing })).toEqual([
      "3:15 error cannot include '/d': ENOENT (no such file or directory)",
    ]);
  });

  test('includes that go round, or too deep, or nowhere are errors', () => {
    const round = sourcesOf({ '/a': 'lxc.include = /b\n', '/b': 'lxc.include = /a\n' });
    expect(messages(`${ROOT}lxc.include = /a\n`, { sources: round })).toEqual([
      "1:15 error cannot include '/a': it includes itself",
    ]);
    const names = Array.from({ length: 40 }, (_, index) => [`/${index}`, `lxc.include = /${index + 1}\n`] as const);
    expect(messages(`${ROOT}lxc.include = /0\n`, { sources: sourcesOf(Object.fromEntries(names)) })).toEqual([
      "1:15 error cannot include '/15': files include each other more than 16 deep",
    ]);
    expect(messages(`${ROOT}lxc.include = /x\n`, { sources: round })).toEqual([
      "3:15 error cannot include '/x': no such file",
    ]);
    expect(messages(`${ROOT}lxc.include = /x\n`)).toEqual([
      "3:15 error cannot include '/x': this text has no files beside it",
    ]);
  });

  test('files that double with each level end at a bound', () => {
    const files = Array.from(
      { length: 14 },
      (_, index) => [`/${index}`, `lxc.include = /${index + 1}\nlxc.include = /${index + 1}\n`] as const,
    );
    const found = messages(`${ROOT}lxc.include = /0\n`, {
      sources: sourcesOf({ ...Object.fromEntries(files), '/14': '' }),
    });
    expect(found.some((message) => message.includes('more than 256 files'))).toBe(true);
  });

  test('a file of mounts comes before the single ones', () => {
    const sources = sourcesOf({ '/etc/fstab': '# one\n/a b none bind 0 0\n' });
    const spec = read('lxc.mount.entry = /c d none bind\nlxc.mount.fstab = /etc/fstab\n', { sources });
    expect(spec.filesystems.map(({ target }) => target)).toEqual(['/', '/b', '/d']);
  });
});

describe('who it is', () => {
  test('name and root of the options win, and the host name stays', () => {
    const spec = read('', { name: 'other', rootfs: '/srv/other' });
    expect(spec).toMatchObject({
      name: 'other',
      hostname: 'web',
      filesystems: [{ target: '/', source: '/srv/other' }],
    });
  });

  test('without them a file must give both', () => {
    expect(messages('')).toEqual([
      '1:1 error the file gives no name: lxc.uts.name is missing',
      '1:1 error the file gives no root: lxc.rootfs.path is missing',
    ]);
    expect(messages('lxc.uts.name = my web\nlxc.rootfs.path = /r\n')[0]).toContain(
      "1:16 error 'my web' cannot name a container",
    );
  });

  test("absent keys are LXC's defaults, and ctr's where that is safer", () => {
    expect(read('')).toEqual({
      format: 'lxc',
      name: 'web',
      hostname: 'web',
      memory: {},
      cpu: { count: 1 },
      init: { path: '/sbin/init', args: [], env: [], supplementaryGids: [] },
      features: { privnet: true, capabilities: { policy: 'allow', states: [] } },
      filesystems: [{ type: 'mount', source: '/srv/web', target: '/', readonly: false, accessMode: 'passthrough' }],
      kernelMounts: { proc: 'guarded', sys: 'readonly', cgroup: 'readonly' },
      interfaces: [],
      consoles: [{ type: 'pty' }],
      lifecycle: { onPoweroff: 'destroy', onReboot: 'restart', onCrash: 'destroy' },
      security: { seccomp: 'os', masks: true, nesting: false },
    });
  });
});
