/** Namespaces and ids that are somebody else's, and settings of the kernel that belong to them. */
import { chownSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec, NamespaceSource } from '../../src/config/spec.js';
import { compile } from '../../src/container/compile.js';
import { resolvePaths } from '../../src/system/paths.js';
import { readHostFacts } from '../../src/system/read-host-facts.js';
import { describe, expect, makeSpec, type Rig, refuseSpec, runProgram, SHIFTED_IDS, test } from '../rig/index.js';
import { inside } from './box.js';

const UUID = '3b0f8f4e-6a0d-4a53-9a3c-51f7d2e00c12';
const SHARED = { privnet: false, capabilities: { policy: 'default', states: [] } } as const;

const IDS = [
  ['in the ids of the host', {}],
  ['in a user namespace', { idmap: SHIFTED_IDS }],
] as const satisfies readonly (readonly [string, Partial<ContainerSpec>])[];

describe.each(IDS)('%s', (_, ids) => {
  test.for(['net', 'ipc', 'uts', 'pid'] as const)(
    'S57 the %s namespace of the host is shared only by who says so, not by a path or a number that leads there',
    async (kind, { rig }) => {
      const hidden: [string, NamespaceSource][] = [
        ['a path', { kind: 'path', path: `/proc/${process.pid}/ns/${kind}` }],
        ['the path of ctr’s own', { kind: 'path', path: `/proc/self/ns/${kind}` }],
        ['a process', { kind: 'pid', pid: process.pid }],
      ];
      for (const [what, source] of hidden) {
        const parts = { namespaces: { [kind]: source }, features: SHARED, ...ids };
        expect({ what, ...(await refuseSpec(rig, parts)) }).toMatchObject({
          what,
          step: expect.stringMatching(/^share the/),
          message: expect.stringMatching(/the host's own/),
        });
      }
    },
  );

  test('S57 what is no namespace of that kind is none, and nothing is opened that has effects', async ({ rig }) => {
    const fifo = join(rig.scratch, 'fifo');
    await runProgram(['mkfifo', fifo]);
    for (const path of [
      `/proc/${process.pid}/ns/ipc`,
      '/etc/passwd',
      '/dev/null',
      fifo,
      '/proc/self/root',
      `/proc/${process.pid}/ns/user`,
    ]) {
      const parts = { namespaces: { net: { kind: 'path', path } }, features: SHARED, ...ids } as const;
      expect({ path, ...(await refuseSpec(rig, parts)) }).toMatchObject({
        path,
        step: expect.stringMatching(/^share/),
      });
    }
  });

  test('S53 a kernel parameter of the host is set by no name that leads there', async ({ rig }) => {
    const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    const paths = resolvePaths({ stateDir: rig.stateDir, runDir: rig.runDir }, {}, { uid: 0, home: '/root' });
    const plan = (parts: Partial<ContainerSpec>) => () =>
      compile({ ...makeSpec(rig.makeRoot(), parts), ...ids }, readHostFacts(paths, 'vm'), { uuid: UUID });
    const names = [
      'kernel.core_pattern',
      'kernel/core_pattern',
      'kernel.modprobe',
      'net/../kernel/core_pattern',
      'net.ipv4../../kernel.core_pattern',
      'net/./../kernel/core_pattern',
      '/kernel/core_pattern',
      'net//../kernel/core_pattern',
      'kernel.shmmax/../core_pattern',
      'fs.mqueue.../kernel.core_pattern',
      'fs.binfmt_misc.register',
      'vm.drop_caches',
      'user.max_user_namespaces',
      '',
      'net',
    ];
    for (const name of names) {
      const sysctls = [{ name, value: 'x' }];
      expect(plan({ process: { sysctls } })).toThrow(/kernel parameter/);
    }
    for (const kind of ['host', 'container'] as const) {
      const namespaces = { net: kind === 'host' ? { kind } : { kind, name: 'other' } } as const;
      const sysctls = [{ name: 'net.ipv4.ip_forward', value: '1' }];
      expect(plan({ process: { sysctls }, namespaces, features: SHARED })).toThrow(
        /network namespace that is not its own/,
      );
    }
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
  });
});

/** First id on the host and how many, as the kernel has it. */
async function rangeOf(rig: Rig, name: string): Promise<[number, number]> {
  const { pid } = await rig.info(name);
  const [, outside, count] = readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/\s+/).map(Number);
  return [outside ?? 0, count ?? 0];
}

test('S42 two containers as bootstrap makes them have no id in common, and one cannot read what the other keeps private', async ({
  rig,
}) => {
  const shared = join(rig.scratch, 'shared');
  mkdirSync(shared, { mode: 0o777 });
  for (const name of ['one', 'two']) {
    await rig.bootstrap(name);
    const volume = `<filesystem type='mount'><source dir='${shared}'/><target dir='/shared'/></filesystem>`;
    const text = (await rig.ctrOk('dumpxml', name)).replace('<console', `${volume}<console`);
    await rig.ctrOk('define', rig.writeFile(`${name}.xml`, text));
    await rig.ctrOk('start', name);
  }
  const [one, oneCount] = await rangeOf(rig, 'one');
  const [two, twoCount] = await rangeOf(rig, 'two');
  expect(one + oneCount <= two || two + twoCount <= one).toBe(true);
  expect(Math.min(one, two)).toBeGreaterThanOrEqual(65_536);
  // The directory is the host's root's, who lets all write.
  chownSync(shared, 0, 0);
  await runProgram(['chmod', '777', shared]);
  const made = await inside(rig, 'one', 'umask 077; echo secret > /shared/file; ls -n /shared/file');
  expect(made.status).toBe(0);
  const { status, text } = await inside(rig, 'two', 'cat /shared/file; echo x >> /shared/file');
  expect({ status, text }).toMatchObject({
    status: expect.toSatisfy(Boolean),
    text: expect.not.stringContaining('secret'),
  });
  expect(readlinkSync('/proc/self/ns/user')).not.toBe(readlinkSync(`/proc/${(await rig.info('one')).pid}/ns/user`));
});
