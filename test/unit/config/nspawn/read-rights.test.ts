import { describe, expect, test } from 'vitest';
import type { ContainerSpec, SeccompProfile } from '../../../../src/config/spec.js';
import { faultsOf, specOf, specWithWarnings } from './read-text.js';

const keptOf = ({ features }: ContainerSpec) => features.capabilities.states.map(({ name }) => name);
const exec = (lines: string) => specOf(`[Exec]\n${lines}`);

describe('capabilities', () => {
  test("nspawn's 26, and net_admin with a network of its own", () => {
    const kept = keptOf(exec(''));
    expect(kept).toHaveLength(26);
    expect(kept).toEqual(expect.arrayContaining(['mknod', 'sys_admin', 'audit_control']));
    expect(kept).not.toContain('net_admin');
    const withNetwork = keptOf(specOf('[Network]\nPrivate=yes\n'));
    expect(withNetwork.filter((name) => !kept.includes(name))).toEqual(['net_admin']);
    expect(keptOf(specOf('[Network]\nInterface=eth7\n'))).toContain('net_admin');
  });

  test('what is dropped is dropped, whatever else adds it', () => {
    const spec = exec('DropCapability=CAP_SYS_TIME CAP_KILL\nCapability=CAP_SYS_TIME\nCapability=CAP_SYS_MODULE\n');
    expect(spec.features.capabilities.policy).toBe('deny');
    expect(keptOf(spec)).toContain('sys_module');
    expect(keptOf(spec)).not.toContain('sys_time');
    expect(keptOf(spec)).not.toContain('kill');
  });

  test('all of them, but some', () => {
    expect(exec('Capability=all\nDropCapability=CAP_KILL\n').features.capabilities).toEqual({
      policy: 'allow',
      states: [{ name: 'kill', state: 'off' }],
    });
    expect(exec('Capability=all\nDropCapability=all\n').features.capabilities).toEqual({ policy: 'deny', states: [] });
  });

  test('ambient ones are told apart', () => {
    expect(exec('AmbientCapability=CAP_SETUID CAP_KILL\n').features.capabilities.ambient).toEqual(['kill', 'setuid']);
  });
});

describe('user namespaces', () => {
  const usersOf = (lines: string) => {
    const { idmap, idRange, filesystems } = specWithWarnings(lines);
    return { ids: idRange ?? idmap?.uid[0], root: filesystems[0]?.type === 'mount' && filesystems[0].accessMode };
  };

  test.each([
    ['', undefined, 'passthrough'],
    ['PrivateUsers=no', undefined, 'passthrough'],
    ['PrivateUsers=0', undefined, 'passthrough'],
    ['PrivateUsers=1', { from: 'owner', count: 65536 }, 'passthrough'],
    ['PrivateUsers=yes', { from: 'owner', count: 65536 }, 'passthrough'],
    ['PrivateUsers=pick', { from: 'free', count: 65536 }, 'mapped'],
    ['PrivateUsers=pick\n[Files]\nPrivateUsersOwnership=off', { from: 'free', count: 65536 }, 'passthrough'],
    ['PrivateUsers=identity', { inside: 0, outside: 0, count: 65536 }, 'passthrough'],
    ['PrivateUsers=200000', { inside: 0, outside: 200000, count: 65536 }, 'passthrough'],
    ['PrivateUsers=200000:0x100', { inside: 0, outside: 200000, count: 256 }, 'passthrough'],
    ['PrivateUsers=200000\n[Files]\nPrivateUsersOwnership=map', { inside: 0, outside: 200000, count: 65536 }, 'mapped'],
    ['PrivateUsers=yes\n[Files]\nPrivateUsersOwnership=auto', { from: 'owner', count: 65536 }, 'mapped'],
    ['PrivateUsers=yes\n[Files]\nPrivateUsersChown=yes', { from: 'owner', count: 65536 }, 'mapped'],
    ['\n[Files]\nPrivateUsersOwnership=map', undefined, 'passthrough'],
  ])('%j', (lines, ids, root) => expect(usersOf(`[Exec]\n${lines}\n`)).toEqual({ ids, root }));

  test.each(['x', '1:0', '65535', '00', '-1', '4294967295', '4294967290:100', '1:2:3', ''])(
    'PrivateUsers=%s is ignored with a warning',
    (value) => {
      expect(faultsOf(`[Exec]\nPrivateUsers=${value}\n`)).toEqual([
        expect.stringContaining("2:14 warning: 'PrivateUsers' must"),
      ]);
    },
  );

  test('owners on disk are not changed, which is said and kept', () => {
    const text = '[Exec]\nPrivateUsers=pick\n[Files]\nPrivateUsersOwnership=chown\n';
    expect(faultsOf(text)).toEqual([expect.stringContaining('4:23 warning')]);
    expect(specWithWarnings(text).kept).toEqual([{ format: 'nspawn', key: 'PrivateUsersOwnership', value: 'chown' }]);
  });
});

describe('system calls', () => {
  const profileOf = (lines: string): SeccompProfile => {
    const { seccomp } = exec(lines).security;
    if (typeof seccomp === 'string') throw new TypeError(seccomp);
    return seccomp;
  };
  /** What becomes of a call: of socket(2) only that there are rules. */
  const actionOf = ({ rules, defaultAction, defaultErrno }: SeccompProfile, name: string) => {
    const rule = rules.find(({ names }) => names.includes(name));
    return rule === undefined
      ? `${defaultAction} ${defaultErrno}`
      : `${rule.action}${rule.errno === undefined ? '' : ` ${rule.errno}`}`;
  };

  test("without the setting ctr's own filter holds", () => {
    expect(exec('').security.seccomp).toBe('os');
  });

  test("with it nspawn's: known calls are refused otherwise than new ones", () => {
    const profile = profileOf('SystemCallFilter=@keyring\n');
    expect(actionOf(profile, 'keyctl')).toBe('allow');
    expect(actionOf(profile, 'mount')).toBe('allow');
    expect(actionOf(profile, 'ptrace')).toBe('allow');
    expect(actionOf(profile, 'swapon')).toBe('errno 1');
    expect(actionOf(profile, 'clock_settime')).toBe('errno 1');
    expect(actionOf(profile, 'newer_than_this')).toBe('errno 38');
  });

  test('a capability allows its calls', () => {
    expect(actionOf(profileOf('SystemCallFilter=read\nCapability=CAP_SYS_TIME\n'), 'clock_settime')).toBe('allow');
    expect(actionOf(profileOf('SystemCallFilter=read\nDropCapability=CAP_SYS_PTRACE\n'), 'ptrace')).toBe('errno 1');
  });

  test('what is denied is denied, in whatever order and set', () => {
    const profile = profileOf('SystemCallFilter=~@mount setns\nSystemCallFilter=mount umount2\n');
    for (const name of ['mount', 'umount2', 'setns', 'pivot_root']) expect(actionOf(profile, name)).toBe('errno 1');
    expect(actionOf(profile, 'unshare')).toBe('allow');
  });

  test('no call is under two rules, but for the sockets of the audit', () => {
    const { rules } = profileOf('SystemCallFilter=@keyring\n');
    const names = rules.flatMap((rule) => (rule.args === undefined ? rule.names : []));
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('socket');
    expect(rules.filter(({ args }) => args !== undefined).map(({ action }) => action)).toEqual([
      'allow',
      'allow',
      'errno',
    ]);
    expect(profileOf('SystemCallFilter=~socket\n').rules.filter(({ args }) => args !== undefined)).toEqual([]);
  });

  test('an unknown name is skipped with a warning, the others are not', () => {
    const text = '[Exec]\nSystemCallFilter=~@mout swapon\n';
    expect(faultsOf(text)).toEqual([
      expect.stringContaining("2:19 warning: 'SystemCallFilter': unknown system call '@mout'"),
    ]);
    expect(specWithWarnings(text).security.seccomp).not.toBe('os');
  });
});
