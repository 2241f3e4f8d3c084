/** The five capability sets of init and of what enters, as the kernel has them. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CapabilitiesSpec } from '../../src/config/spec.js';
import { CAPABILITIES } from '../../src/security/capabilities.js';
import { ctrProgram, describe, expect, runProgram, SHIFTED_IDS, startSpec, test } from '../rig/index.js';
import { inside, installProgram } from './box.js';

const LAST = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
const KNOWN = CAPABILITIES.slice(0, LAST + 1);
const BY_DEFAULT = KNOWN.filter(
  (name) => !['sys_module', 'sys_time', 'mknod', 'audit_control', 'mac_admin'].includes(name),
);

const maskOf = (names: readonly string[]) =>
  names.reduce((bits, name) => bits | (1n << BigInt(CAPABILITIES.indexOf(name as (typeof CAPABILITIES)[number]))), 0n);
const hex = (names: readonly string[]) => maskOf(names).toString(16).padStart(16, '0');

interface Case {
  readonly capabilities: CapabilitiesSpec;
  readonly user?: string;
  readonly bounding: readonly string[];
  /** Of a user that is not root; root has what it is bounded by. */
  readonly ambient?: readonly string[];
}

const states = (state: 'on' | 'off', ...names: readonly string[]) => names.map((name) => ({ name, state }));

const CASES: readonly [string, Case][] = [
  ['the policy default', { capabilities: { policy: 'default', states: [] }, bounding: BY_DEFAULT }],
  [
    'the policy default with changes',
    {
      capabilities: { policy: 'default', states: [...states('on', 'mknod'), ...states('off', 'net_raw', 'kill')] },
      bounding: KNOWN.filter(
        (name) => (BY_DEFAULT.includes(name) || name === 'mknod') && name !== 'net_raw' && name !== 'kill',
      ),
    },
  ],
  ['the policy allow', { capabilities: { policy: 'allow', states: [] }, bounding: KNOWN }],
  [
    'the policy allow but for some',
    {
      capabilities: { policy: 'allow', states: states('off', 'sys_admin', 'bpf') },
      bounding: KNOWN.filter((name) => name !== 'sys_admin' && name !== 'bpf'),
    },
  ],
  ['the policy deny', { capabilities: { policy: 'deny', states: [] }, bounding: [] }],
  [
    'the policy deny but for some',
    { capabilities: { policy: 'deny', states: states('on', 'chown', 'setuid') }, bounding: ['chown', 'setuid'] },
  ],
  [
    'a user without any',
    { capabilities: { policy: 'default', states: [] }, user: '1000', bounding: BY_DEFAULT, ambient: [] },
  ],
  [
    'a user with an ambient one',
    {
      capabilities: {
        policy: 'deny',
        states: states('on', 'net_bind_service', 'chown'),
        ambient: ['net_bind_service'],
      },
      user: '1000',
      bounding: ['net_bind_service', 'chown'],
      ambient: ['net_bind_service'],
    },
  ],
];

describe('S44 capabilities', () => {
  test.for(CASES)('of init and of enter are exactly those of %s', async ([, one], { rig }) => {
    const { capabilities, user, bounding, ambient } = one;
    const rootfs = rig.makeRoot();
    writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/:/bin/sh\n');
    await startSpec(rig, {
      rootfs,
      idmap: SHIFTED_IDS,
      features: { privnet: true, capabilities },
      // init writes nothing: it may be a user that may not.
      init: { path: '/bin/sleep', args: ['3600'], env: [], ...(user === undefined ? {} : { user }) },
    });
    const own = user === undefined ? hex(bounding) : hex(ambient ?? []);
    const inherited = hex(ambient ?? []);
    const expected = [inherited, own, own, hex(bounding), inherited];
    const setsOf = (text: string) =>
      [...text.matchAll(/^Cap(?:Inh|Prm|Eff|Bnd|Amb):\s*([0-9a-f]{16})$/gm)].map(([, set]) => set);
    const { pid } = await rig.info('box');
    expect(setsOf(readFileSync(`/proc/${pid}/status`, 'utf8'))).toEqual(expected);
    const entered = await rig.ctr([
      'enter',
      ...(user === undefined ? [] : ['-u', 'ann']),
      'box',
      '--',
      'cat',
      '/proc/self/status',
    ]);
    expect(setsOf(entered.stdout)).toEqual(expected);
  });

  test('S17 give no key of the caller’s session, filter or not, to init and what enters', async ({ rig, skip }) => {
    const rootfs = rig.makeRoot('/session-key find > /found; exec sleep 3600\n');
    installProgram(rootfs, 'session-key', skip);
    const program = join(rootfs, 'session-key');
    // Where nobody takes it away, it is there.
    expect((await runProgram([program, 'add', program, 'find'])).stdout).toBe('found\n');
    await startSpec(rig, { rootfs, security: { seccomp: 'none', masks: false, nesting: false } });
    await rig.ctrOk('destroy', 'box');
    rmSync(join(rootfs, 'found'), { force: true });
    const ctr = [program, 'add', ctrProgram];
    expect(await runProgram([...ctr, 'start', 'box'], { env: rig.env })).toMatchObject({ status: 0 });
    await expect.poll(() => existsSync(join(rootfs, 'found'))).toBe(true);
    await expect.poll(() => readFileSync(join(rootfs, 'found'), 'utf8')).toMatch(/^not found/);
    const entered = await runProgram([...ctr, 'enter', 'box', '--', '/session-key', 'find'], { env: rig.env });
    expect(entered.stdout).toMatch(/^not found/);
  });

  test('S17 of keys: no key of the host is in reach, and none is handed on', async ({ rig }) => {
    await startSpec(rig, { idmap: SHIFTED_IDS });
    expect((await inside(rig, 'box', 'cat /proc/keys | wc -c; cat /proc/key-users | wc -l')).text).toMatch(/^0\n/);
  });
});
