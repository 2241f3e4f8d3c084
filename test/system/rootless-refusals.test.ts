import { chownSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ctrProgram, describe, domainXml, expect } from '../rig/index.js';
import { SUB_LINE, userTest as test, USER, type User } from '../rig/user.js';

/** What bootstrap says. */
async function refusal(user: User): Promise<string> {
  const { status, stdout, stderr } = await user.ctr('bootstrap', 'web', '--template', 'busybox');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  return stderr;
}

describe('broken sub-id files', () => {
  test.for([
    [
      'a line in one file only',
      { subgid: 'root:100000:65536\n' },
      /'\/etc\/subgid': it has no line for you, and '\/etc\/subuid' has one/,
    ],
    [
      'a malformed line',
      { subuid: `# people\n${USER.name}:5000\n` },
      /'\/etc\/subuid': line 2 is malformed: 'ctrtest:5000'/,
    ],
    [
      'a range too small',
      { subuid: `${USER.name}:200000:1000\n` },
      /line 1 gives 1000 ids, and a container takes 65536/,
    ],
    ["the host's root", { subuid: `${USER.name}:0:65536\n` }, /line 1 gives the host's root \(0\)/],
    ['two lines that overlap', { subuid: `${SUB_LINE}${SUB_LINE}` }, /line 2 overlaps with a line above it/],
  ] as const)('%s is told, with the line to write', async ([, files, expected], { user }) => {
    const said = await refusal(user.with(files));
    expect(said).toMatch(expected);
    expect(said).toMatch(/^hint: the line to write there: ctrtest:\d+:65536$/m);
  });
});

describe('what maps the ids of others', () => {
  test('missing, it is named with its package', async ({ user }) => {
    const hidden = user.with({ before: 'mount --bind /dev/null $(command -v newuidmap)' });
    expect(await refusal(hidden)).toMatch(
      /the program 'newuidmap', which maps them, is missing\nhint: apt-get install uidmap/,
    );
    await user.bootstrap('web');
    // A start with a plan that is there tells it as well.
    expect((await hidden.ctr('start', 'web')).stderr).toMatch(/'newuidmap'.*missing\nhint: apt-get install uidmap/);
  });

  test('without set-uid, that is the cause', async ({ user }) => {
    await user.bootstrap('web');
    const before =
      'cp $(command -v newuidmap) /run/newuidmap; chmod 755 /run/newuidmap; mount --bind /run/newuidmap $(command -v newuidmap); rm /run/newuidmap';
    const { status, stderr } = await user.with({ before: `mount -t tmpfs none /run; ${before}` }).ctr('start', 'web');
    expect(status).toBe(1);
    expect(stderr).toMatch(/newuidmap': it is not set-uid root\nhint: chmod u\+s/);
  });

  test('its own words are told when it refuses', async ({ user }) => {
    await user.bootstrap('web');
    const before = [
      'mount -t tmpfs none /run',
      'printf \'#!/bin/sh\\necho "newuidmap: not today" >&2; exit 1\\n\' > /run/x',
      'chmod 4755 /run/x',
      'mount --bind /run/x $(command -v newuidmap)',
    ].join('; ');
    const { status, stderr } = await user.with({ before }).ctr('start', 'web');
    expect(status).toBe(1);
    expect(stderr).toMatch(/newuidmap': it refused: not today\nhint: \/etc\/subuid/);
  });

  test('ids that are his no more are told by the start', async ({ user }) => {
    await user.bootstrap('web');
    const { stderr } = await user.with({ subuid: `${USER.name}:1800000000:65536\n` }).ctr('start', 'web');
    expect(stderr).toMatch(
      /has the host ids 1900000000–1900065535 \(uid\), and yours are 61234, 1800000000–1800065535/,
    );
  });
});

describe('a host that gives no user namespaces', () => {
  /** The files that ctr reads of /proc/sys/kernel, and one more. In a user namespace that may make no others: the host's own stays. */
  const hide = (name: string, value: number) =>
    [
      'mount -t tmpfs none /mnt && mkdir -p /mnt/random /mnt/seccomp',
      'cat /proc/sys/kernel/seccomp/actions_avail > /mnt/seccomp/actions_avail',
      'cat /proc/sys/kernel/random/boot_id > /mnt/random/boot_id',
      'cat /proc/sys/kernel/cap_last_cap > /mnt/cap_last_cap',
      `echo ${value} > /mnt/${name}`,
      'mount --move /mnt /proc/sys/kernel',
    ].join('; ');

  /** Runs the command where unshare(2) fails. */
  const start = (user: User) => {
    const inner = 'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --inh-caps -all "$@"';
    const ids = ['--user', `--map-user=${USER.uid}`, `--map-group=${USER.gid}`, '--keep-caps'];
    return user.run(['unshare', ...ids, 'sh', '-c', inner, 'sh', ctrProgram, 'start', 'web']);
  };

  test('because of user.max_user_namespaces', async ({ user }) => {
    const single = user.with({ subuid: '' });
    await single.bootstrap('web');
    const { status, stderr } = await start(single);
    expect(status).toBe(1);
    expect(stderr).toMatch(/user\.max_user_namespaces is 0\)\nhint: as root: sysctl user\.max_user_namespaces=/);
  });

  test.for([
    [
      'unprivileged_userns_clone',
      0,
      /kernel\.unprivileged_userns_clone is 0\)\nhint: .*kernel\.unprivileged_userns_clone=1/,
    ],
    [
      'apparmor_restrict_unprivileged_userns',
      1,
      /by AppArmor .*kernel\.apparmor_restrict_unprivileged_userns is 1\)\nhint: .*apparmor_restrict_unprivileged_userns=0/,
    ],
  ] as const)('because of kernel.%s', async ([name, value, expected], { user }) => {
    const single = user.with({ subuid: '' });
    await single.bootstrap('web');
    const other = user.with({ subuid: '', before: hide(name, value) });
    const inner =
      'echo 0 > /proc/sys/user/max_user_namespaces; mount -t tmpfs none /proc/sys/user; exec setpriv --inh-caps -all "$@"';
    const ids = ['--user', '--mount', `--map-user=${USER.uid}`, `--map-group=${USER.gid}`, '--keep-caps'];
    const { status, stderr } = await other.run([
      'unshare',
      ...ids,
      'sh',
      '-c',
      inner,
      'sh',
      ctrProgram,
      'start',
      'web',
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(expected);
  });
});

describe('what an ordinary user cannot have', () => {
  const define = async (user: User, dir: string, xml: string) => {
    const file = join(dir, 'asked.xml');
    writeFileSync(file, xml);
    await user.ctrOk('define', file);
  };

  test.for([
    [
      'an interface',
      { devices: "<interface type='bridge'><source bridge='br0'/></interface>" },
      /an interface of type 'bridge' needs root/,
    ],
    [
      'host ids that are not his',
      { idmap: true },
      /its id map has the host ids 500000–565535 \(uid\), and yours are 61234, 1900000000/,
    ],
  ] as const)('%s is refused at the start, which names it', async ([what, , expected], { user, rig }) => {
    const xml = domainXml({ name: 'vm', rootfs: rig.makeRoot() });
    const unlimited = xml.replace(/<memory.*<\/memory>/, "<memory unit='KiB'>9007199254740991</memory>");
    const link = "<interface type='bridge'><source bridge='br0'/></interface>";
    const map =
      "<idmap><uid start='0' target='500000' count='65536'/><gid start='0' target='500000' count='65536'/></idmap>";
    const asked =
      what === 'an interface'
        ? unlimited.replace('</devices>', `${link}</devices>`)
        : unlimited.replace('<devices>', `${map}<devices>`);
    await define(user, rig.scratch, asked);
    const { status, stderr } = await user.ctr('start', 'vm');
    expect(status).toBe(1);
    expect(stderr).toMatch(expected);
    await user.ctrOk('undefine', 'vm');
  });

  test('a limit without a delegated cgroup is refused, which names the controller', async ({ user, rig }) => {
    const { status, stderr } = await user.ctr('bootstrap', 'web', '--template', 'busybox', '--memory', '64M');
    expect(status).toBe(1);
    expect(stderr).toMatch(/no cgroup with the controller 'memory' is delegated to you/);
    await define(user, rig.scratch, domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    expect((await user.ctr('start', 'vm')).stderr).toMatch(/limit the memory of 'vm'.*'memory' is delegated to you/);
    await user.ctrOk('undefine', 'vm');
  });

  test('a limit that is set without a delegated cgroup is refused, and nothing has changed', async ({ user }) => {
    await user.bootstrap('web');
    await user.ctrOk('start', 'web');
    const before = await user.ctrOk('set', 'web');
    for (const where of ['--live', '--config']) {
      const { status, stderr } = await user.ctr('set', 'web', 'memory=64M', where);
      expect([status, stderr]).toEqual([
        1,
        "ctr: cannot limit the memory of 'web': no cgroup with the controller 'memory' is delegated to you\n" +
          'hint: systemd-run --user --scope ctr … runs it where one is; or take the limit out\n',
      ]);
    }
    expect(await user.ctrOk('set', 'web')).toBe(before);
    await user.ctrOk('destroy', 'web');
    await user.ctrOk('undefine', 'web', '--remove-storage');
  });

  test("a run directory in /tmp that is somebody else's is not used", async ({ user, rig, skip }) => {
    const dir = `/tmp/ctr-${USER.uid}`;
    if (existsSync(dir)) skip(`needs ${dir} to be free`);
    const without = user.with({ env: { CTR_RUN_DIR: '', XDG_RUNTIME_DIR: '/nonexistent' } });
    mkdirSync(dir, { mode: 0o700 });
    try {
      for (const verb of [['list'], ['start', 'web'], ['info', 'web']])
        expect((await without.ctr(...verb)).stderr).toMatch(
          /cannot use directory '\/tmp\/ctr-61234': it is not a directory of yours/,
        );
      rmdirSync(dir);
      symlinkSync(rig.runDir, dir);
      expect((await without.ctr('list')).stderr).toMatch(/cannot use directory/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('a cgroup that is delegated', () => {
  test('holds the container, which can be found and ended by it', async ({ user, rig, skip }) => {
    const top = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((dir) => existsSync(join(dir, 'cgroup.procs')));
    if (top === undefined) return skip('needs a cgroup v2 hierarchy');
    const group = join(top, `ctr-test-${process.pid}`);
    for (const dir of [group, join(group, 'shell')]) {
      mkdirSync(dir);
      for (const file of ['', 'cgroup.procs', 'cgroup.subtree_control']) chownSync(join(dir, file), USER.uid, USER.gid);
    }
    try {
      const inside = user.with({ before: `echo $$ > ${group}/shell/cgroup.procs` });
      await inside.bootstrap('web');
      await inside.ctrOk('start', 'web');
      const { pid } = await inside.info('web');
      expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toMatch(/^0::\/ctr-test-\d+\/ctr-[0-9a-f]+\.web/m);
      expect((await inside.ctr('enter', 'web', '--', 'cat', '/proc/self/cgroup')).stdout).toMatch(/^0::\/$/m);
      await inside.ctrOk('destroy', 'web');
      expect(existsSync(join(rig.runDir, 'containers/web/state'))).toBe(false);
    } finally {
      await user.clear();
      for (const dir of [join(group, 'shell'), group]) rmdirSync(dir);
    }
  });
});
