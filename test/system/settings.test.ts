import { chmodSync, chownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, test } from '../rig/index.js';

describe('the settings of the host', () => {
  test('give what bootstrap makes its limits and ids; an option goes before', async ({ rig }) => {
    rig.writeFile('ctr.conf', '[bootstrap]\nmemory = 32M\npids = 40\n[ids]\nfirst = 700000\nlast = 765535\n');
    await rig.bootstrap('web');
    const text = await rig.ctrOk('dumpxml', 'web');
    expect(text).toContain("<ctr:pids max='40'/>");
    expect(text).toMatch(/<memory unit='KiB'>32768</);
    expect(text).toContain("<uid start='0' target='700000' count='65536'/>");
    await rig.ctrOk('start', 'web');
    expect(await rig.ctrOk('enter', 'web', '--', 'cat', '/proc/self/uid_map')).toMatch(/^\s*0\s+700000\s+65536\n$/);
    const second = await rig.ctr(['bootstrap', 'more', '--template', 'busybox']);
    expect(second).toMatchObject({ status: 1, stderr: expect.stringMatching(/no 65536 .* from 700000 to 765535/) });
    rig.writeFile('ctr.conf', '[bootstrap]\nmemory = 32M\n');
    await rig.ctrOk('bootstrap', 'more', '--template', 'busybox', '--memory', '48M');
    expect(await rig.ctrOk('dumpxml', 'more')).toMatch(/<memory unit='KiB'>49152</);
  });

  test('bound the log of a console', async ({ rig }) => {
    rig.writeFile('ctr.conf', '[console]\nlog-limit = 8K\n');
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot('yes | head -c 100000; echo done; sleep 3600\n') }));
    await rig.ctrOk('start', 'vm');
    await expect.poll(() => rig.ctrOk('logs', 'vm')).toMatch(/done/);
    const folder = join(rig.stateDir, 'containers/vm');
    const logs = readdirSync(folder).filter((name) => name.startsWith('console0.log'));
    const total = logs.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(total).toBeGreaterThan(1000);
    expect(total).toBeLessThanOrEqual(8192);
  });

  test('with a fault are an error of what needs them, and of nothing else', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    const file = rig.writeFile('ctr.conf', '[console]\n\nlog-limit = lots\n');
    for (const args of [
      ['start', 'vm'],
      ['plan', 'vm'],
      ['bootstrap', 'web', '--template', 'busybox'],
    ]) {
      const { status, stderr } = await rig.ctr(args);
      expect({ args, status }).toEqual({ args, status: 1 });
      expect(stderr).toBe(
        `${file}:3: [console] log-limit: 'lots' is not a size, as in '64M'\nctr: cannot read settings '${file}': it has a fault\n`,
      );
    }
    await rig.ctrOk('list', '--all');
    await rig.ctrOk('undefine', 'vm');
  });

  test('are refused when somebody else may write them', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    const file = rig.writeFile('ctr.conf', '[console]\nlog-limit = 8K\n');
    chmodSync(file, 0o666);
    const open = await rig.ctr(['start', 'vm']);
    expect(open).toMatchObject({ status: 1, stderr: expect.stringContaining(`'${file}': it can be written by other`) });
    chmodSync(file, 0o644);
    chownSync(file, 65534, 65534);
    const foreign = await rig.ctr(['start', 'vm']);
    expect(foreign).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('belongs to another user (uid 65534)'),
    });
  });
});
