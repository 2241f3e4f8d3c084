import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readMounts } from '../../src/system/procfs.js';
import { readCgroupLayout } from '../../src/system/read-cgroup-layout.js';
import { domainXml, expect, lacksController, type Rig, test } from '../rig/index.js';

/** Mount points of the hierarchies that limit something. */
function mountpoints(): string[] {
  const { v1, v2 } = readCgroupLayout(readMounts());
  const ofV1 = Object.entries(v1).filter(([controller]) => !controller.startsWith('name='));
  return [...new Set([...ofV1.map(([, path]) => path), ...(v2 === undefined ? [] : [v2.mountpoint])])];
}

/** Directory that has the limits of memory, and the file of its limit. */
function memoryGroup(partition: string): readonly [directory: string, file: string] {
  const { v1, v2 } = readCgroupLayout(readMounts());
  if (v1.memory !== undefined) return [join(v1.memory, partition), 'memory.limit_in_bytes'];
  return [join(v2?.mountpoint ?? '', partition), 'memory.max'];
}

/** A name that nobody else has: that of the test's scratch. */
const partitionOf = (rig: Rig): string => `ctr-test-${basename(rig.scratch)}`;

async function start(rig: Rig, partition: string): Promise<number> {
  const xml = domainXml({ name: 'vm', rootfs: rig.makeRoot() });
  await rig.define(xml.replace('<devices>', `<resource><partition>${partition}</partition></resource><devices>`));
  await rig.ctrOk('start', 'vm');
  return Number((await rig.info('vm')).pid);
}

test("a partition's groups are above the container's, made when missing, and gone after its last one", async ({
  rig,
}) => {
  const partition = partitionOf(rig);
  const pid = await start(rig, `/${partition}/web`);
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trimEnd().split('\n');
  const limiting = groups.filter((line) => !line.includes(':name='));
  for (const line of limiting) expect(line).toMatch(new RegExp(`:/${partition}/web/ctr-[0-9a-f]+\\.vm$`));
  await rig.ctrOk('destroy', 'vm');
  expect(mountpoints().filter((path) => existsSync(join(path, partition)))).toEqual([]);
});

test("the administrator's own group limits what is in it, and stays", async ({ rig, skip }) => {
  const lack = lacksController('memory');
  if (lack !== undefined) skip(lack);
  const partition = partitionOf(rig);
  const [directory, file] = memoryGroup(partition);
  mkdirSync(directory);
  try {
    const enable = join(directory, 'cgroup.subtree_control');
    if (existsSync(enable)) writeFileSync(enable, '+memory');
    writeFileSync(join(directory, file), String(48 * 1024 * 1024));
    await start(rig, `/${partition}`);
    const { status } = await rig.ctr(['enter', 'vm', '--', 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=56M', 'count=1']);
    expect(status).toBe(137);
    await rig.ctrOk('destroy', 'vm');
    expect(readFileSync(join(directory, file), 'utf8')).toBe(`${48 * 1024 * 1024}\n`);
  } finally {
    await rig.ctr(['destroy', 'vm']);
    rmdirSync(directory);
  }
});

test('gc finds groups in a partition whose container nothing tells of any more', async ({ rig }) => {
  const partition = partitionOf(rig);
  await start(rig, `/${partition}/web`);
  process.kill(Number((await rig.info('vm')).monitorPid), 'SIGKILL');
  await expect.poll(async () => (await rig.info('vm')).state).toBe('crashed');
  rmSync(join(rig.runDir, 'containers/vm'), { recursive: true });
  expect(mountpoints().some((path) => existsSync(join(path, partition)))).toBe(true);
  expect(await rig.ctrOk('gc')).toMatch(/cgroups of 'vm'/);
  expect(mountpoints().filter((path) => existsSync(join(path, partition)))).toEqual([]);
});
