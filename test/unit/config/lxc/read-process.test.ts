import { describe, expect, test } from 'vitest';
import { readLxc } from '../../../../src/config/lxc/read-lxc.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';

function read(...lines: readonly string[]): ContainerSpec {
  const text = ['lxc.uts.name = web', 'lxc.rootfs.path = /srv/web', ...lines].join('\n');
  const { definition, diagnostics } = readLxc(text, { file: 'config' });
  if (definition === undefined) throw new Error(JSON.stringify(diagnostics));
  return definition.spec;
}

describe('the first process', () => {
  test('a command is split as a shell splits its words', () => {
    expect(read(`lxc.init.cmd = /bin/init 'a b'"c" ''`).init).toMatchObject({ path: '/bin/init', args: ['a bc', ''] });
  });

  test('ids and groups', () => {
    expect(read('lxc.init.uid = 1000', 'lxc.init.gid = 0', 'lxc.init.groups = 1,2').init).toMatchObject({
      user: '1000',
      group: '0',
      supplementaryGids: [1, 2],
    });
  });

  test('variables of both, of init and of hooks', () => {
    const spec = read(
      'lxc.environment.runtime = R=1',
      'lxc.environment = A=b=c',
      'lxc.environment.hooks = H=2',
      'lxc.hook.start = x',
    );
    expect(spec.init.env).toEqual([
      { name: 'A', value: 'b=c' },
      { name: 'R', value: '1' },
    ]);
    expect(spec.hooks?.[0]?.env).toEqual([
      { name: 'A', value: 'b=c' },
      { name: 'H', value: '2' },
    ]);
  });

  test("a caller's variable is nothing that a start can have", () => {
    expect(read('lxc.environment = PATH')).toMatchObject({
      init: { env: [] },
      refusals: ["lxc.environment asks for the variable 'PATH' of its caller"],
      kept: [{ format: 'lxc', key: 'lxc.environment', value: 'PATH' }],
    });
  });

  test.each([
    ['SIGPWR', 'PWR'],
    ['15', 'TERM'],
    ['37', 'RTMIN+3'],
    ['SIGRTMAX-1', 'RTMAX-1'],
    ['sigcld', 'CHLD'],
  ])('the signal %s is %s', (text, name) => {
    expect(read(`lxc.signal.halt = ${text}`).lifecycle.stopSignal).toBe(name);
  });

  test('limits, settings of the kernel, files of /proc', () => {
    expect(
      read(
        'lxc.prlimit.nofile = 10:unlimited',
        'lxc.sysctl.net.ipv4.ip_forward = 1',
        'lxc.proc.oom_score_adj = -5',
        'lxc.proc.x = y',
        'lxc.time.offset.boot = -2m',
      ).process,
    ).toEqual({
      rlimits: [{ name: 'nofile', soft: 10, hard: 'infinity' }],
      sysctls: [{ name: 'net.ipv4.ip_forward', value: '1' }],
      oomScoreAdj: -5,
      procFiles: [{ file: 'x', value: 'y' }],
      timeOffsets: { boottimeNs: '-120000000000' },
    });
  });
});

describe('namespaces', () => {
  test("those that are not cloned are the host's", () => {
    expect(read('lxc.namespace.clone = mnt net', 'lxc.namespace.clone = pid').namespaces).toEqual({
      uts: { kind: 'host' },
      ipc: { kind: 'host' },
      cgroup: { kind: 'host' },
    });
    expect(read('lxc.namespace.keep = ipc').namespaces).toEqual({ ipc: { kind: 'host' } });
  });

  test('shared ones are of a container, a process or a file', () => {
    expect(
      read('lxc.namespace.share.net = other', 'lxc.namespace.share.ipc = 42', 'lxc.namespace.share.uts = /run/netns/x')
        .namespaces,
    ).toEqual({
      net: { kind: 'container', name: 'other' },
      ipc: { kind: 'pid', pid: 42 },
      uts: { kind: 'path', path: '/run/netns/x' },
    });
  });
});

describe('hooks', () => {
  test('are lines for a shell, in the order of a life', () => {
    expect(
      read('lxc.hook.post-stop = c d', 'lxc.hook.pre-start = a', 'lxc.hook.pre-start = b', 'lxc.hook.version = 1')
        .hooks,
    ).toEqual([
      { when: 'pre-start', path: '/bin/sh', args: ['-c', 'a'], convention: 'lxc1' },
      { when: 'pre-start', path: '/bin/sh', args: ['-c', 'b'], convention: 'lxc1' },
      { when: 'post-stop', path: '/bin/sh', args: ['-c', 'c d'], convention: 'lxc1' },
    ]);
  });
});
