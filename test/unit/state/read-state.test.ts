import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { list } from '../../../src/container/list.js';
import { readStatus } from '../../../src/state/read-state.js';
import { readBootId, readStartTime } from '../../../src/system/procfs.js';
import { makeScratchDir } from '../exec/fake-helper.js';

const ME = { pid: process.pid, start: readStartTime(process.pid) };

/** A container that runs as far as anybody can see: its init and monitor are this very process. */
function runningText(boot = readBootId()): string {
  return `boot ${boot}\npid ${ME.pid}\nstart ${ME.start}\nmonitor ${ME.pid}\nmonitor-start ${ME.start}\nsince 1700000000000\ngeneration 0\nconsole 1\n`;
}

function makePlaces() {
  const scratch = makeScratchDir();
  const places = { stateDir: join(scratch, 'state'), runDir: join(scratch, 'run') };
  return { ...places, cgroupPrefix: 'ctr-test' };
}

function addContainer(places: { stateDir: string; runDir: string }, name: string, state?: string): string {
  const stateDir = join(places.stateDir, 'containers', name);
  const runDir = join(places.runDir, 'containers', name);
  mkdirSync(stateDir, { recursive: true });
  mkdirSync(runDir, { recursive: true });
  writeFileSync(join(stateDir, 'definition'), '<domain/>');
  const record = { format: 'libvirt', uuid: `uuid-${name}`, definedAt: 'now', rootfsMadeByCtr: false, idRanges: [] };
  writeFileSync(join(stateDir, 'container.json'), JSON.stringify(record));
  if (state !== undefined) writeFileSync(join(runDir, 'state'), state);
  return join(runDir, 'state');
}

const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  empty: (path) => writeFileSync(path, ''),
  half: (path) => writeFileSync(path, runningText().slice(0, 60)),
  random: (path) => writeFileSync(path, Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 7919) % 256))),
  json: (path) => writeFileSync(path, '{"pid":1}'),
  huge: (path) => {
    writeFileSync(path, '');
    truncateSync(path, 1024 ** 3);
  },
  'symbolic link': (path) => symlinkSync('/etc/passwd', path),
  FIFO: (path) => execFileSync('mkfifo', [path]),
  directory: (path) => mkdirSync(path),
};

describe('readStatus', () => {
  test('sees living processes by pid and start time', () => {
    const places = makePlaces();
    addContainer(places, 'a', runningText());
    expect(readStatus(places, 'a', readBootId())).toMatchObject({
      state: 'running',
      initAlive: true,
      monitorAlive: true,
    });
    addContainer(places, 'b', runningText().replaceAll(`start ${ME.start}`, 'start 1'));
    expect(readStatus(places, 'b', readBootId())).toMatchObject({ state: 'crashed', reason: 'monitor lost' });
  });

  test('after a restart of the host nothing runs, and no process is looked at', () => {
    const places = makePlaces();
    addContainer(places, 'a', runningText('another-boot'));
    expect(readStatus(places, 'a', readBootId())).toMatchObject({
      state: 'stopped',
      reason: 'host restarted',
      initAlive: false,
    });
  });

  test.for(Object.keys(DAMAGES))('a state file that is %s makes that container unknown, and no other', (damage) => {
    const places = makePlaces();
    addContainer(places, 'good', runningText());
    DAMAGES[damage]?.(addContainer(places, 'bad'));
    const entries = list({ ...places, all: true });
    expect(entries.map(({ name, state }) => [name, state])).toEqual([
      ['bad', 'unknown'],
      ['good', 'running'],
    ]);
    expect(entries[0]?.reason).toContain(join(places.runDir, 'containers/bad/state'));
  });
});

describe('list', () => {
  test('shows what runs, with all also what does not, sorted', () => {
    const places = makePlaces();
    addContainer(places, 'b', runningText());
    addContainer(places, 'a');
    expect(list(places)).toEqual([
      {
        name: 'b',
        state: 'running',
        uuid: 'uuid-b',
        pid: ME.pid,
        monitorPid: ME.pid,
        since: '2023-11-14T22:13:20.000Z',
      },
    ]);
    expect(list({ ...places, all: true }).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('of directories that are not there is empty', () => {
    expect(list({ ...makePlaces(), all: true })).toEqual([]);
  });

  test('leaves out names that are none, and storage without a definition', () => {
    const places = makePlaces();
    for (const name of ['.new-1-2-ff', 'bad name', 'x'.repeat(65)]) addContainer(places, name);
    mkdirSync(join(places.stateDir, 'containers/leftover/rootfs'), { recursive: true });
    expect(list({ ...places, all: true })).toEqual([]);
  });

  test('shows a container that runs although its definition is gone', () => {
    const places = makePlaces();
    mkdirSync(join(places.runDir, 'containers/lost'), { recursive: true });
    writeFileSync(join(places.runDir, 'containers/lost/state'), runningText());
    expect(list(places)).toMatchObject([{ name: 'lost', state: 'running' }]);
  });

  test('looks itself at what a front door that was ended has not told', () => {
    const places = makePlaces();
    for (const name of ['a', 'b', 'c']) addContainer(places, name, runningText());
    const path = join(makeScratchDir(), 'evidence');
    const told = (name: string) => `${name}\0rd\x00${ME.pid} ${ME.pid} 1600000000000 told\0\0\0`;
    writeFileSync(path, told('b') + told('c').slice(0, 12));
    process.env.CTR_EVIDENCE_FD = String(openSync(path, 'r'));
    expect(list(places).map(({ name, uuid }) => [name, uuid])).toEqual([
      ['a', 'uuid-a'],
      ['b', 'told'],
      ['c', 'uuid-c'],
    ]);
  });
});
