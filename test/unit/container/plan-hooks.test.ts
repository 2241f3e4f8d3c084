import { describe, expect, test } from 'vitest';
import type { HookSpec } from '../../../src/config/spec.js';
import { planHooks } from '../../../src/container/plan-hooks.js';
import { splitList } from '../../../src/exec/format-values.js';
import { MINIMAL, SYSTEM } from './example-specs.js';

const PLACES = { stateDir: '/state', definition: '/state/definition' };

function plan(hook: Partial<HookSpec>) {
  const hooks: HookSpec[] = [{ when: 'mount', path: '/hook', args: [], convention: 'lxc', ...hook }];
  const [op] = planHooks({ ...SYSTEM, hooks }, PLACES);
  if (op?.op !== 'hook') throw new Error('no hook');
  return { ...op, args: splitList(op.args), env: splitList(op.env) };
}

describe('planHooks', () => {
  test('has nothing without hooks', () => {
    expect(planHooks(MINIMAL, PLACES)).toEqual([]);
  });

  test('tells LXC’s of version 0 by arguments behind their own, and by LXC_ variables', () => {
    const { args, env, timeout } = plan({ args: ['-x', 'two words'] });
    expect(args).toEqual(['-x', 'two words', 'web', 'lxc', 'mount']);
    expect(env).toEqual([
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'LXC_NAME=web',
      'LXC_CONFIG_FILE=/state/definition',
      'LXC_ROOTFS_PATH=/var/lib/ctr/containers/web/rootfs',
      'LXC_CONSOLE_LOGPATH=/state/console0.log',
      'LXC_CGNS_AWARE=1',
      'LXC_LOG_LEVEL=ERROR',
      'LXC_HOOK_VERSION=0',
    ]);
    expect(timeout).toBe(60_000);
  });

  test('gives the arguments to the program that a line for the shell calls', () => {
    const line = { path: '/bin/sh', args: ['-c', '/hook --fast'] };
    expect(plan(line).args).toEqual(['-c', 'exec /hook --fast "$@"', '/bin/sh', 'web', 'lxc', 'mount']);
    expect(plan({ ...line, convention: 'lxc1' }).args).toEqual(line.args);
  });

  test('tells those of version 1 by variables alone', () => {
    const { args, env } = plan({ convention: 'lxc1', when: 'post-stop', args: ['-x'] });
    expect(args).toEqual(['-x']);
    expect(env.slice(-3)).toEqual(['LXC_HOOK_VERSION=1', 'LXC_HOOK_TYPE=post-stop', 'LXC_HOOK_SECTION=lxc']);
  });

  test('gives those of OCI nothing but their own', () => {
    const hook = { convention: 'oci', env: [{ name: 'A', value: 'b' }], timeoutSeconds: 1.5 } as const;
    expect(plan(hook)).toMatchObject({ args: [], env: ['A=b'], timeout: 1500 });
  });

  test('lets a hook replace a variable', () => {
    expect(plan({ env: [{ name: 'PATH', value: '/mine' }] }).env[0]).toBe('PATH=/mine');
  });

  test('says the state of OCI once, from the pid on', () => {
    const hook: HookSpec = { when: 'poststart', path: '/hook', args: [], convention: 'oci' };
    const ops = planHooks({ ...MINIMAL, hooks: [hook, hook], annotations: [{ name: 'a"b', value: '\n' }] }, PLACES);
    expect(ops.map(({ op }) => op)).toEqual(['hook', 'hook', 'hook-state']);
    const last = ops[2];
    const state = last?.op === 'hook-state' ? last.state : '';
    expect(JSON.parse(`{"pid":1${state}`)).toEqual({ pid: 1, bundle: '/state', annotations: { 'a"b': '\n' } });
  });

  test.each([
    [{ path: 'hook' }, "its hook 'hook' is no absolute path"],
    [{ timeoutSeconds: 0 }, "its hook '/hook' has a timeout of 0 s"],
    [{ args: ['a\0b'] }, "its hook '/hook' has a NUL in its arguments"],
  ])('refuses %o', (hook, reason) => {
    expect(() => plan(hook)).toThrow(`cannot start 'web': ${reason}`);
  });
});
