/** Root inside against the limits that hold it. */
import { readFileSync } from 'node:fs';
import { describe, domainXml, expect, test } from '../rig/index.js';
import { inside, startVm, startWeb } from './box.js';

describe('cgroups', () => {
  const find = 'find /sys/fs/cgroup -type f';

  test('S49 take no process from inside', async ({ rig }) => {
    await startWeb(rig);
    const files = `${find} \\( -name cgroup.procs -o -name tasks -o -name cgroup.threads \\)`;
    expect((await inside(rig, 'web', `${files} | wc -l`)).text.trim()).not.toBe('0');
    const move = `${files} | while read -r f; do (echo $$ > $f) 2>/dev/null && echo $f; done; true`;
    expect((await inside(rig, 'web', move)).text).toBe('');
    for (const line of [
      'mkdir /sys/fs/cgroup/pids/x',
      'mount -o remount,rw /sys/fs/cgroup/pids',
      'umount /sys/fs/cgroup/pids',
    ]) {
      expect({ line, ...(await inside(rig, 'web', line)) }).not.toMatchObject({ status: 0 });
    }
  });

  test('S49 S52 are read-only to root of a container that is root of the host as well', async ({ rig }) => {
    await startVm(rig);
    const files = `${find} \\( -name cgroup.procs -o -name tasks -o -name '*max*' -o -name '*limit*' \\)`;
    expect((await inside(rig, 'vm', `${files} | wc -l`)).text.trim()).not.toBe('0');
    const write = `${files} | while read -r f; do (echo $$ > $f) 2>/dev/null && echo $f; done; true`;
    expect((await inside(rig, 'vm', write)).text).toBe('');
  });

  test('S52 take no other limit from inside', async ({ rig }) => {
    await startWeb(rig);
    const raise = `${find} \\( -name '*max*' -o -name '*limit*' \\) | while read -r f; do
      for v in max -1 4000; do (echo $v > $f) 2>/dev/null && echo $f $v; done; done; true`;
    expect((await inside(rig, 'web', raise)).text).toBe('');
    // A fresh mount of a hierarchy shows the container's own group, which belongs to root of the host.
    const fresh = `mkdir /tmp/m; for type in "cgroup -o pids" "cgroup -o memory" cgroup2; do
      mount -t $type none /tmp/m 2>/dev/null || continue
      for f in /tmp/m/pids.max /tmp/m/cgroup.procs /tmp/m/tasks /tmp/m/memory.limit_in_bytes; do (echo 0 > $f) 2>/dev/null && echo $f; done
      mkdir /tmp/m/x 2>/dev/null && echo made x
      umount /tmp/m; done; true`;
    expect((await inside(rig, 'web', fresh)).text).toBe('');
    expect(await rig.info('web')).toMatchObject({ pids: { limit: 256 } });
  });

  test('S50 run no program of the host’s root when they empty', async ({ rig }) => {
    await startWeb(rig);
    // Root of the host as well: there no id keeps the kernel from taking what it writes.
    const features =
      "<features><capabilities policy='default'><sys_admin state='off'/></capabilities><privnet/></features>";
    await startVm(rig, { features });
    const attack = (shell: string) => `${shell} 'mkdir -p /tmp/m; for c in memory pids freezer devices; do
      mount -t cgroup -o $c none /tmp/m 2>/dev/null || continue
      (echo /pwned > /tmp/m/release_agent) 2>/dev/null && echo $c agent
      (echo 1 > /tmp/m/notify_on_release) 2>/dev/null && echo $c notify
      umount /tmp/m; done; true'`;
    for (const name of ['web', 'vm']) {
      for (const shell of ['sh -c', 'busybox unshare -Urm sh -c', 'busybox unshare -m sh -c']) {
        const { text } = await inside(rig, name, attack(shell));
        const done = text.split('\n').filter((line) => / (agent|notify)$/.test(line));
        expect({ name, shell, done }).toEqual({ name, shell, done: [] });
      }
      // Of the mounts it has, none is writable, and none shows the file, which only the root of a hierarchy has.
      const agents = await inside(rig, name, 'find /sys/fs/cgroup -name release_agent');
      expect({ name, text: agents.text }).toEqual({ name, text: '' });
      const mounts = (await inside(rig, name, 'grep -E "^[^ ]+ /sys/fs/cgroup[^ ]* cgroup2? " /proc/mounts')).text
        .trim()
        .split('\n');
      expect(mounts.length).toBeGreaterThan(0);
      for (const mount of mounts) expect(mount).toMatch(/^\S+ \S+ \S+ ro,/);
    }
  });

  test('S51 are none that a path with dots leads to', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    const partition = (path: string) =>
      domainXml({ name: 'vm', rootfs }).replace('<os>', `<resource><partition>${path}</partition></resource><os>`);
    const lxc = (key: string, path: string) =>
      `lxc.uts.name = vm\nlxc.rootfs.path = dir:${rootfs}\nlxc.${key} = ${path}\n`;
    const oci = (path: string) =>
      JSON.stringify({
        ociVersion: '1.0.2',
        root: { path: rootfs },
        process: { args: ['/init'], cwd: '/', user: { uid: 0, gid: 0 } },
        linux: { cgroupsPath: path, namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'cgroup' }] },
      });
    const texts: [string, string][] = ['/../x', '/a/./../..', '/..'].flatMap((path) => [
      ['vm.xml', partition(path)],
      ['vm.conf', lxc('cgroup.dir', path)],
      ['vm.conf', lxc('cgroup.dir.container', path)],
      ['config.json', oci(path)],
    ]);
    for (const [file, text] of texts) {
      const { status, stderr } = await rig.ctr(['validate', rig.writeFile(file, text)]);
      expect({ text, status, stderr }).toEqual({
        text,
        status: 1,
        stderr: expect.stringMatching(/error: .*without '\.\.'|not contain '\.\.'/),
      });
    }
  });

  test('S59 keep the monitor out of what the container is limited by, and the kernel takes it no sooner', async ({
    rig,
  }) => {
    await startWeb(rig);
    await startVm(rig);
    for (const name of ['web', 'vm']) {
      const { pid, monitorPid } = await rig.info(name);
      const groupsOf = (process: unknown) => readFileSync(`/proc/${process}/cgroup`, 'utf8');
      const scoreOf = (process: unknown) => Number(readFileSync(`/proc/${process}/oom_score_adj`, 'utf8'));
      // Of whatever parent, and whatever stands before the name: the monitor's have nothing of it.
      expect(groupsOf(pid)).toMatch(new RegExp(`[/.]${name}$`, 'm'));
      expect(groupsOf(monitorPid)).not.toMatch(new RegExp(`\\b${name}\\b`));
      expect(scoreOf(monitorPid)).toBeLessThanOrEqual(scoreOf(pid));
    }
    // Root inside has no such right over what belongs to the host.
    await inside(rig, 'web', 'for score in -1000 -500 -1; do echo $score > /proc/1/oom_score_adj; done 2>/dev/null');
    const { pid, monitorPid } = await rig.info('web');
    expect(Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'))).toBeGreaterThanOrEqual(
      Number(readFileSync(`/proc/${monitorPid}/oom_score_adj`, 'utf8')),
    );
  });
});
