import { chownSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type Rig, runProgram, test } from '../rig/index.js';

const WAIT = "trap 'exit 0' TERM PWR\nwhile :; do sleep 3600 & wait; done\n";

async function inside(rig: Rig, name: string, line: string): Promise<string> {
  const { stdout, stderr } = await rig.ctr(['enter', name, '--', 'sh', '-c', line]);
  return stdout + stderr;
}

/** As LXC's own common.conf has them, for both versions of cgroups. */
const COMMON = ['cgroup', 'cgroup2']
  .flatMap((version) => [
    `lxc.${version}.devices.deny = a`,
    ...['c *:* m', 'b *:* m', 'c 1:3 rwm', 'c 1:5 rwm', 'c 1:7 rwm', 'c 5:0 rwm', 'c 5:2 rwm', 'c 136:* rwm'].map(
      (rule) => `lxc.${version}.devices.allow = ${rule}`,
    ),
  ])
  .join('\n');

describe("LXC's usual rules for devices", () => {
  const PROBE = [
    'head -c 3 /dev/zero | wc -c',
    // Any node may be made; only those that are named may be opened.
    'mknod /made b 7 0 && echo made',
    'cat /made > /dev/null',
    'cat /dev/urandom > /dev/null',
  ].join('; ');

  test('let nodes be made, and those be opened that they name', async ({ rig }) => {
    const config = `${COMMON}
lxc.uts.name = web
lxc.init.cmd = /init
lxc.rootfs.path = ${rig.makeRoot(WAIT)}
lxc.net.0.type = empty
`;
    await rig.ctrOk('define', rig.writeFile('web.conf', config));
    await rig.ctrOk('start', 'web');
    const said = await inside(rig, 'web', PROBE);
    expect(said).toMatch(/^3\nmade\n/);
    expect(said).toMatch(/\/made.*Operation not permitted/);
    expect(said).toMatch(/\/dev\/urandom.*Operation not permitted/);
  });

  test('are cleared for a user namespace, as its own file does, and leave what each container has', async ({ rig }) => {
    const root = rig.makeRoot(WAIT);
    await runProgram(['chown', '-R', '500000:500000', root]);
    const config = `${COMMON}
lxc.cgroup.devices.deny =
lxc.cgroup.devices.allow =
lxc.cgroup2.devices.deny =
lxc.cgroup2.devices.allow =
lxc.idmap = u 0 500000 65536
lxc.idmap = g 0 500000 65536
lxc.uts.name = web
lxc.init.cmd = /init
lxc.rootfs.path = ${root}
lxc.net.0.type = empty
`;
    await rig.ctrOk('define', rig.writeFile('web.conf', config));
    await rig.ctrOk('start', 'web');
    expect(await inside(rig, 'web', 'head -c 3 /dev/urandom | wc -c; mknod /made b 7 0')).toMatch(
      /^3\n.*Operation not permitted/,
    );
  });
});

test("an OCI bundle that denies all devices has the specification's own, and the host's cgroups in sight", async ({
  rig,
}) => {
  mkdirSync(join(rig.scratch, 'bundle'), { mode: 0o755 });
  renameSync(rig.makeRoot(WAIT), join(rig.scratch, 'bundle/rootfs'));
  chownSync(join(rig.scratch, 'bundle/rootfs'), 0, 0);
  const config = {
    ociVersion: '1.0.2',
    process: {
      args: ['sh', '/init'],
      cwd: '/',
      user: { uid: 0, gid: 0 },
      env: ['PATH=/nowhere:/bin'],
      capabilities: { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'], ambient: ['CAP_KILL'] },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 512 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      // As runtimes write it on hosts with cgroup v1: without a cgroup namespace.
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      maskedPaths: ['/proc/kcore'],
      readonlyPaths: ['/proc/sys'],
    },
  };
  writeFileSync(join(rig.scratch, 'bundle/config.json'), JSON.stringify(config));
  const defined = await rig.ctr(['define', join(rig.scratch, 'bundle')]);
  expect(defined).toMatchObject({ status: 0, stdout: "defined 'bundle'\n" });
  expect(defined.stderr.split('\n')).toEqual([
    'note: no idmap: root inside is as powerful as root outside',
    'note: no cgroup namespace: sees where in the host its group is',
    '',
  ]);
  await rig.ctrOk('start', 'bundle');
  expect(await inside(rig, 'bundle', 'head -c 3 /dev/zero | wc -c; echo > /dev/null; touch /new')).toMatch(
    /^3\n.*Read-only file system/,
  );
  const status = await inside(rig, 'bundle', 'cat /proc/1/status /proc/1/limits');
  expect(status).toMatch(/^CapBnd:\t0000000000000020$/m);
  expect(status).toMatch(/^CapAmb:\t0000000000000020$/m);
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  expect(status).toMatch(/^Max open files +512 +1024 /m);
  expect(await inside(rig, 'bundle', 'readlink /proc/1/ns/cgroup')).toBe(
    (await runProgram(['readlink', '/proc/self/ns/cgroup'])).stdout,
  );
});
