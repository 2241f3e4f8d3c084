import { describe, expect, test } from 'vitest';
import { faultsOf, specOf, specWithWarnings } from './read-text.js';

const exec = (lines: string) => specOf(`[Exec]\n${lines}`);

describe('what is started', () => {
  test('with Boot the first init system that is there, asked to end by its own signal', () => {
    const { init, lifecycle } = exec('Boot=yes\nParameters=--unit rescue.target\n');
    expect(init).toMatchObject({
      path: '/usr/lib/systemd/systemd',
      fallbacks: ['/lib/systemd/systemd', '/sbin/init'],
      args: ['--unit', 'rescue.target'],
    });
    expect(init.argv0).toBeUndefined();
    expect(lifecycle.stopSignal).toBe('RTMIN+3');
    expect(exec('Boot=yes\nKillSignal=SIGPWR\n').lifecycle.stopSignal).toBe('PWR');
  });

  test('without a program a login shell, whose name BusyBox knows too', () => {
    const { init, lifecycle } = exec('Boot=no\n');
    expect(init).toMatchObject({ path: '/bin/bash', fallbacks: ['/bin/sh'], argv0: '-sh', args: [] });
    expect(lifecycle.stopSignal).toBeUndefined();
  });

  test('a program by its path, also where Boot is not written', () => {
    expect(exec('Parameters=/bin/httpd -f\n').init).toMatchObject({ path: '/bin/httpd', args: ['-f'] });
    expect(exec('Parameters=/bin/httpd -f\n').init.argv0).toBeUndefined();
    expect(exec('Parameters=/bin/httpd -f\n').init.fallbacks).toBeUndefined();
  });

  test("a program by its name is searched for in the container's PATH, and keeps its name", () => {
    expect(exec('Parameters=httpd\n').init).toMatchObject({
      path: '/usr/local/sbin/httpd',
      fallbacks: ['/usr/local/bin/httpd', '/usr/sbin/httpd', '/usr/bin/httpd', '/sbin/httpd', '/bin/httpd'],
      argv0: 'httpd',
    });
    expect(exec('Parameters=httpd\nEnvironment=PATH=/opt/bin::rel:/bin\n').init).toMatchObject({
      path: '/opt/bin/httpd',
      fallbacks: ['/bin/httpd'],
    });
  });

  test('a program by a relative path is one of the working directory', () => {
    expect(exec('Parameters=./run x\nWorkingDirectory=/srv//app/\n').init).toMatchObject({
      path: '/srv/app/run',
      argv0: './run',
      dir: '/srv/app',
    });
  });

  test('ProcessTwo puts an init before the program', () => {
    expect(exec('ProcessTwo=yes\nParameters=/bin/httpd\n').init).toMatchObject({ path: '/bin/httpd', reaper: true });
  });

  test.each([
    ['Boot=yes\nProcessTwo=yes\n', 3],
    ['ProcessTwo=yes\nBoot=yes\n', 3],
    ['Boot=yes\nBoot=no\n', 3],
  ])('of %j the later line is ignored', (lines, line) => {
    expect(faultsOf(`[Exec]\n${lines}`)).toEqual([
      expect.stringMatching(new RegExp(`^${line}:.* warning: .*contradicts`)),
    ]);
  });

  test('an off switch says nothing about the other one', () => {
    expect(exec('Boot=no\nProcessTwo=yes\n').init.reaper).toBe(true);
    expect(exec('ProcessTwo=no\nBoot=yes\n').init.fallbacks).toContain('/sbin/init');
  });
});

describe('environment and user', () => {
  const envOf = (lines: string) => exec(lines).init.env.map(({ name, value }) => `${name}=${value}`);

  test("nspawn's own variables come first, the file's may replace them", () => {
    expect(envOf('Environment=A=1 "B=2 3"\nEnvironment=HOME=/x\n')).toEqual([
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'container=systemd-nspawn',
      'HOME=/root',
      'USER=root',
      'LOGNAME=root',
      'LANG=C.UTF-8',
      'A=1',
      'B=2 3',
      'HOME=/x',
    ]);
  });

  test('an init system gets no LANG, another user no home of root', () => {
    expect(envOf('Boot=yes\n')).not.toContain('LANG=C.UTF-8');
    expect(envOf('User=www\n')).toContain('USER=www');
    expect(envOf('User=www\n').filter((entry) => entry.startsWith('HOME='))).toEqual([]);
    expect(exec('User=www\nUser=\n').init.user).toBeUndefined();
  });

  test('a word that is no variable is skipped, the others are not', () => {
    const text = '[Exec]\nEnvironment=A=1 FOO =x __proto__=y\n';
    expect(faultsOf(text).map((fault) => fault.slice(0, 14))).toEqual(['2:17 warning: ', '2:21 warning: ']);
    expect(specWithWarnings(text).init.env.slice(-2)).toEqual([
      { name: 'A', value: '1' },
      { name: '__proto__', value: 'y' },
    ]);
  });
});

describe('limits', () => {
  const limitOf = (line: string) => specWithWarnings(`[Exec]\n${line}\n`).process?.rlimits?.[0];

  test.each([
    ['LimitNOFILE=1024:4096', 'nofile', 1024, 4096],
    ['LimitNOFILE=infinity', 'nofile', 'infinity', 'infinity'],
    ['LimitCPU=1min 1ms:infinity', 'cpu', 61, 'infinity'],
    ['LimitAS=1.5G', 'as', 1610612736, 1610612736],
    ['LimitRTTIME=5s', 'rttime', 5_000_000, 5_000_000],
    ['LimitNICE=-5', 'nice', 25, 25],
    ['LimitNICE=+5:40', 'nice', 15, 40],
    ['LimitCORE= 5 : 6 ', 'core', 5, 6],
  ])('%s', (line, name, soft, hard) => expect(limitOf(line)).toEqual({ name, soft, hard }));

  test.each([
    'LimitNOFILE=5:3',
    'LimitNOFILE=infinity:3',
    'LimitNOFILE=1k',
    'LimitNOFILE=',
    'LimitNICE=-5:41',
    'LimitAS=-1',
  ])('%s is ignored with a warning', (line) => {
    expect(limitOf(line)).toBeUndefined();
    expect(faultsOf(`[Exec]\n${line}\n`)).toEqual([expect.stringContaining('2:')]);
  });

  test('the last one of a kind holds, and they stand in the order of the table', () => {
    expect(exec('LimitAS=1\nLimitCPU=2\nLimitAS=3\n').process?.rlimits).toEqual([
      { name: 'cpu', soft: 2, hard: 2 },
      { name: 'as', soft: 3, hard: 3 },
    ]);
  });

  test('CPUs add up, sorted and joined; a bad list is ignored as a whole', () => {
    expect(exec('CPUAffinity=7 1,2\nCPUAffinity=3-4 "0"\n').process?.cpuAffinity).toBe('0-4,7');
    expect(exec('CPUAffinity=7\nCPUAffinity=\n').process).toBeUndefined();
    for (const list of ['1 x', '3-1', '8192', '1-']) expect(faultsOf(`[Exec]\nCPUAffinity=${list}\n`)).toHaveLength(1);
  });

  test('the OOM score has a range, an empty one unsets it', () => {
    expect(exec('OOMScoreAdjust=-1000\n').process?.oomScoreAdj).toBe(-1000);
    expect(exec('OOMScoreAdjust=5\nOOMScoreAdjust=\n').process).toBeUndefined();
    expect(faultsOf('[Exec]\nOOMScoreAdjust=1001\n')).toHaveLength(1);
  });
});

test('who the container is, and what it takes over', () => {
  const spec = exec(
    'MachineID=EDBFEA3309ba41ea83e2318c58a8d498\nPersonality=x86\nHostname=a.b\nResolvConf=no\nTimezone=yes\nLinkJournal=off\nNotifyReady=yes\nSuppressSync=1\n',
  );
  expect(spec).toMatchObject({
    uuid: 'edbfea33-09ba-41ea-83e2-318c58a8d498',
    arch: 'i686',
    hostname: 'a.b',
    hostFiles: { resolvConf: 'off', timezone: 'auto', linkJournal: 'no' },
    lifecycle: { notifyReady: true },
    process: { suppressSync: true },
  });
  expect(exec('')).toMatchObject({
    hostname: 'web',
    hostFiles: { resolvConf: 'auto', timezone: 'auto', linkJournal: 'auto' },
  });
});
