import { describe, expect, test } from 'vitest';
import { arrangeRunMounts } from '../../../src/container/plan-run.js';
import { runArgs } from '../../../src/container/run.js';
import { makeRunSpec, type RunRequest } from '../../../src/container/run-spec.js';
import { CtrError } from '../../../src/errors.js';
import { OPTION, type Op } from '../../../src/exec/plan.js';

const REQUEST: RunRequest = {
  name: 'run-0',
  idmap: {
    uid: [{ inside: 0, outside: 1_000_000, count: 65536 }],
    gid: [{ inside: 0, outside: 1_000_000, count: 65536 }],
  },
  accessMode: { root: 'mapped', bind: 'owner' },
  root: { kind: 'directory', source: '/srv/root' },
  binds: [],
  net: 'none',
  ports: [],
  memoryBytes: 64 * 1024 * 1024,
  pids: 64,
  cpus: undefined,
  user: undefined,
  terminal: false,
};

describe('makeRunSpec', () => {
  test('is safe by default', () => {
    expect(makeRunSpec(REQUEST)).toMatchObject({
      idmap: { uid: [{ inside: 0, outside: 1_000_000, count: 65536 }] },
      features: { privnet: true, capabilities: { policy: 'deny' } },
      security: { seccomp: 'app', masks: true, nesting: false, noNewPrivs: true },
      rootMode: 'overlay',
      pids: { max: 64 },
      init: { reaper: true },
    });
  });

  test('maps the owner alone on what is writable, and nobody on what is not', () => {
    const binds = [
      { source: '/b', target: '/data/sub', readonly: true },
      { source: '/a', target: '/data', readonly: false },
    ];
    const { filesystems } = makeRunSpec({ ...REQUEST, binds });
    expect(filesystems.slice(1)).toMatchObject([
      { source: '/a', target: '/data', accessMode: 'owner', readonly: false, flags: ['nosuid', 'nodev'] },
      { source: '/b', target: '/data/sub', accessMode: 'passthrough', readonly: true, recursive: true },
    ]);
  });

  test.for(['/', '/proc/x', '/sys', '/dev/../dev/x', '/a/../b', 'a', '//proc', '/dev/null'])(
    'refuses the target %s',
    (target) => {
      const binds = [{ source: '/a', target, readonly: false }];
      expect(() => makeRunSpec({ ...REQUEST, binds })).toThrow(CtrError);
    },
  );

  test('root is root, other users keep their groups', () => {
    const userOf = (user: string) => {
      const { init } = makeRunSpec({ ...REQUEST, user });
      return [init.user, init.group];
    };
    expect(userOf('root')).toEqual([undefined, undefined]);
    expect(userOf('0:7')).toEqual(['0', '7']);
    expect(userOf('1000')).toEqual(['1000', undefined]);
    for (const user of ['', ':5', '1000:', 'a:b:c']) expect(() => userOf(user)).toThrow(CtrError);
  });

  test('cpus are a share of time', () => {
    expect(makeRunSpec({ ...REQUEST, cpus: 1.5 }).cpu).toMatchObject({ periodUs: 100_000, quotaUs: 150_000 });
  });
});

describe('arrangeRunMounts', () => {
  const ops: Op[] = [
    { op: 'root', source: '/', options: OPTION.READ_ONLY },
    { op: 'detach', path: '/proc', options: 0 },
    { op: 'mount', fstype: 'tmpfs', source: 'tmpfs', target: '/opt', flags: 0, data: '', options: 0 },
    { op: 'bind', source: '/a', target: '/data', flags: 0, options: OPTION.MAP_OWNER },
    { op: 'bind', source: '/b', target: '/data/sub', flags: 0, options: 0 },
    { op: 'pivot' },
  ];

  test('seals the root, and makes nothing in what is bound', () => {
    const run = { sealedRoot: true, binds: ['/data', '/data/sub'], links: [] };
    const arranged = arrangeRunMounts(ops, { init: { path: '', args: [], env: [], user: '7' } }, run);
    expect(arranged.map(({ op }) => op)).toEqual(['root', 'mount', 'bind', 'bind', 'pivot']);
    expect(arranged[0]).toMatchObject({ options: OPTION.READ_ONLY | OPTION.SEALED });
    expect(arranged[2]).toMatchObject({ options: OPTION.MAP_OWNER | OPTION.MAP_USER });
    expect(arranged[3]).toMatchObject({ options: OPTION.EXISTING });
  });

  test('makes links where their directory is', () => {
    const links = [
      { path: '/bin', target: 'usr/bin' },
      { path: '/opt/x', target: 'y' },
    ];
    const run = { sealedRoot: false, binds: [], links };
    const arranged = arrangeRunMounts(ops, { init: { path: '', args: [], env: [] } }, run);
    const places = arranged.map((op) => (op.op === 'symlink' ? op.path : op.op));
    expect(places).toEqual(['root', '/bin', 'detach', 'mount', 'bind', 'bind', '/opt/x', 'pivot']);
  });
});

describe('runArgs', () => {
  test('is a command line of the front door', () => {
    const options = {
      command: 'node',
      args: ['-e', '1'],
      binds: [{ source: '/p' }, { source: '/q', target: '/r', readonly: true }],
      memoryBytes: 1024,
      timeoutMs: 1500,
      env: { A: 'b c' },
    };
    expect(runArgs(options)).toEqual([
      ...['run', '--report', '--no-tty', '--bind=/p:/p', '--bind-ro=/q:/r', '--memory=1024', '--timeout=1500ms'],
      ...['--env=A=b c', '--', 'node', '-e', '1'],
    ]);
  });

  test.for([
    { command: '' },
    { command: 'x', timeoutMs: Number.NaN },
    { command: 'x', workdir: 'a' },
    { command: 'x', name: '../x' },
    { command: 'x', env: { 'A=B': '' } },
    { command: 'x', binds: [{ source: '/a:/b' }] },
  ])('refuses %j', (options) => {
    expect(() => runArgs(options)).toThrow(CtrError);
  });
});
