import { describe, expect, test } from 'vitest';
import type { SettingGroup } from '../../../../src/config/nspawn/rows.js';
import { faultsOf, specOf, specWithWarnings } from './read-text.js';

const RIGHTS = `[Exec]
Ephemeral=yes
Capability=CAP_SYS_TIME
AmbientCapability=CAP_KILL
MachineID=edbfea3309ba41ea83e2318c58a8d498
PrivateUsers=no
LimitNOFILE=5
OOMScoreAdjust=-5
CPUAffinity=1
LinkJournal=host
[Files]
Bind=/etc
BindReadOnly=/etc
TemporaryFileSystem=/x
Inaccessible=/y
Overlay=/a:/b
OverlayReadOnly=/a:/b
PrivateUsersOwnership=map
PrivateUsersChown=no
BindUser=root
[Network]
Private=yes
VirtualEthernet=yes
VirtualEthernetExtra=a
Interface=eth0
MACVLAN=eth0
IPVLAN=eth0
Bridge=br0
Zone=lab
Port=80
`;
const RESTRICTIONS = `[Exec]
Boot=no
ProcessTwo=no
Parameters=/bin/httpd
PivotRoot=/sysroot
WorkingDirectory=/srv
Environment=A=1
User=www
DropCapability=CAP_KILL
KillSignal=TERM
Personality=x86
NotifyReady=no
Hostname=other
NoNewPrivileges=yes
ResolvConf=off
Timezone=off
SuppressSync=yes
SystemCallFilter=~@mount
[Files]
ReadOnly=yes
Volatile=state
`;

describe('a file that is not trusted', () => {
  test('gives no rights: each such setting is ignored with a warning', () => {
    const settings = RIGHTS.split('\n').filter((line) => line.includes('='));
    const faults = faultsOf(RIGHTS, { trusted: false });
    expect(faults.map((fault) => fault.replace(/^\d+:1 /, ''))).toEqual(
      settings.map((line) => `warning: '${line.split('=')[0]}' is ignored: the file is not trusted`),
    );
    expect(specWithWarnings(RIGHTS, { trusted: false })).toEqual(specOf(''));
  });

  test('may restrict as one that is trusted', () => {
    expect(specOf(RESTRICTIONS, { trusted: false })).toEqual(specOf(RESTRICTIONS));
  });

  test('may deny system calls, but for one that allows some, too', () => {
    expect(specOf('[Exec]\nSystemCallFilter=~@mount\n', { trusted: false }).security.seccomp).not.toBe('os');
    const text = '[Exec]\nSystemCallFilter=~@mount\nSystemCallFilter=@keyring\n';
    expect(faultsOf(text, { trusted: false })).toEqual([
      expect.stringMatching(/^3:1 warning: 'SystemCallFilter' is ignored/),
    ]);
    expect(specWithWarnings(text, { trusted: false }).security.seccomp).toBe('os');
  });
});

describe('a group that the command line has set', () => {
  const masked = (...groups: SettingGroup[]) => ({ masked: new Set(groups) });

  test('is skipped as a whole, without a word', () => {
    const text =
      '[Exec]\nBoot=yes\nParameters=x\n[Files]\nBind=/a\nOverlay=/a:/b\n[Network]\nZone=lab\nPrivate=maybe\n';
    const groups = masked('start-mode', 'custom-mounts', 'network');
    expect(faultsOf(text, groups)).toEqual([]);
    expect(specOf(text, groups)).toEqual(specOf(''));
  });

  test('leaves the others alone', () => {
    const spec = specOf('[Exec]\nLimitAS=1\nLimitNOFILE=2\n', masked('rlimit-as'));
    expect(spec.process?.rlimits?.map(({ name }) => name)).toEqual(['nofile']);
  });

  test('may hold what a rule asks for', () => {
    expect(faultsOf('[Network]\nPort=80\n', masked('network'))).toEqual([]);
  });
});

describe('settings that contradict each other are an error at the later one', () => {
  test.each([
    ['[Network]\nPort=80\n', 2],
    ['[Network]\nZone=a\nBridge=br0\n', 3],
    ['[Exec]\nLinkJournal=host\nEphemeral=yes\n', 3],
    ['[Exec]\nPrivateUsers=pick\n[Files]\nReadOnly=yes\nPrivateUsersChown=yes\n', 5],
    ['[Exec]\nPrivateUsers=pick\n[Files]\nPrivateUsersOwnership=chown\nVolatile=yes\n', 5],
    ['[Exec]\nAmbientCapability=all\n', 2],
    ['[Exec]\nAmbientCapability=CAP_SYS_TIME\n', 2],
    ['[Exec]\nAmbientCapability=CAP_KILL\nDropCapability=CAP_KILL\n', 3],
    ['[Exec]\nAmbientCapability=CAP_KILL\nBoot=yes\n', 3],
    ['[Files]\nBindUser=ann\n', 2],
  ])('%j', (text, line) => {
    const errors = faultsOf(text).filter((fault) => fault.includes(' error: '));
    expect(errors).toEqual([expect.stringMatching(new RegExp(`^${line}:1 error: `))]);
  });

  test.each([
    '[Network]\nPort=80\nVirtualEthernet=yes\n',
    '[Exec]\nLinkJournal=try-host\nEphemeral=yes\n',
    '[Exec]\nPrivateUsers=pick\n[Files]\nReadOnly=yes\n',
    '[Exec]\nAmbientCapability=CAP_SYS_TIME\nCapability=CAP_SYS_TIME\n',
    '[Exec]\nAmbientCapability=CAP_NET_ADMIN\n[Network]\nPrivate=yes\n',
  ])('%j does not', (text) => expect(faultsOf(text)).toEqual([]));
});
