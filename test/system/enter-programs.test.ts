/** Programs that ask much of a terminal, in a container that has the host's /usr: the host's own tmux, less, su, script and sudo. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, IDMAP, lacksProgram, type Rig, slow, test } from '../rig/index.js';

const MAPPED_ROOT = 500_000;
const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000:ann:/tmp:/bin/sh\n';
const LET_IN = ['auth', 'account', 'password', 'session'].map((kind) => `${kind} required pam_permit.so\n`).join('');

/** The terminal of `ctr enter -t`, at a shell's prompt. */
async function enterHostUsr(rig: Rig, skip: (note: string) => void, ...programs: string[]) {
  for (const program of ['script', ...programs]) {
    const lack = lacksProgram(program);
    if (lack !== undefined) skip(lack);
  }
  const rootfs = rig.makeRoot();
  for (const name of ['usr', 'etc/pam.d']) mkdirSync(join(rootfs, name), { recursive: true });
  for (const name of ['lib', 'lib64'].filter((name) => existsSync(`/usr/${name}`)))
    symlinkSync(`usr/${name}`, join(rootfs, name));
  writeFileSync(join(rootfs, 'etc/passwd'), PASSWD);
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\ntty:x:5:\nann:x:1000:\n');
  writeFileSync(join(rootfs, 'etc/shadow'), 'root:*:1::::::\nann:*:1::::::\n', { mode: 0o600 });
  writeFileSync(join(rootfs, 'etc/pam.d/other'), LET_IN);
  writeFileSync(join(rootfs, 'etc/sudoers'), 'ALL ALL=(ALL) NOPASSWD: ALL\n', { mode: 0o440 });
  execFileSync('chown', ['-R', `${MAPPED_ROOT}:${MAPPED_ROOT}`, rootfs]);
  execFileSync('chmod', ['1777', join(rootfs, 'tmp')]);
  const devices = "<filesystem type='mount'><source dir='/usr'/><target dir='/usr'/><readonly/></filesystem>";
  await rig.define(domainXml({ name: 'vm', rootfs, idmap: IDMAP, devices, memoryKiB: 262_144 }));
  await rig.ctrOk('start', 'vm');
  const path = 'PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin';
  const terminal = rig.terminal([
    'enter',
    '-e',
    path,
    '-e',
    'LANG=C.UTF-8',
    '-e',
    'PS1=here> ',
    'vm',
    '--',
    'sh',
    '-i',
  ]);
  await terminal.waitFor('here> ');
  return terminal;
}

describe('on the terminal of ctr enter', { timeout: slow(120_000) }, () => {
  test('tmux opens windows, detaches and comes back', async ({ rig, skip }) => {
    const terminal = await enterHostUsr(rig, skip, 'tmux');
    terminal.type("tmux -f /dev/null new -s one 'PS1=inner sh -i'\n");
    await terminal.waitFor('inner');
    // Computed, so that what was typed is not taken for what was said.
    terminal.type('echo sum-$((40+2)); tty; stty size\n');
    await terminal.waitFor('sum-42');
    await terminal.waitFor(/\/dev\/pts\/\d+/);
    // One line of 24 is its status line.
    await terminal.waitFor('23 80');
    terminal.type('\x02d');
    await terminal.waitFor('[detached (from session one)]');
    terminal.type('tmux attach -t one\n');
    await terminal.waitFor('sum-42');
    terminal.type('exit\n');
    await terminal.waitFor('[exited]');
    terminal.type('exit 4\n');
    expect(await terminal.ended()).toBe(4);
  });

  test('less fills the screen and takes keys from the terminal while it reads a pipe', async ({ rig, skip }) => {
    const terminal = await enterHostUsr(rig, skip, 'less');
    terminal.type('i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo "line-$i"; done | less\n');
    await terminal.waitFor('line-23');
    expect(terminal.shown()).not.toContain('line-24');
    terminal.type('G');
    await terminal.waitFor('line-100');
    terminal.type('q');
    await terminal.waitFor('here> ');
    terminal.type('exit\n');
    expect(await terminal.ended()).toBe(0);
  });

  test('su and script find the terminal, and its user owns it', async ({ rig, skip }) => {
    const terminal = await enterHostUsr(rig, skip, 'su');
    terminal.type('tty; stat -c "owner %U:%G mode %a" $(tty)\n');
    await terminal.waitFor(/\/dev\/pts\/\d+\r\nowner root:tty mode 620/);
    terminal.type('su ann\n');
    await terminal.waitFor('here> ');
    terminal.type('id -un; tty; echo direct > /dev/tty\n');
    await terminal.waitFor(/ann\r\n\/dev\/pts\/\d+\r\ndirect/);
    terminal.type('script -qc tty /dev/null; echo left-$((1+1))\n');
    await terminal.waitFor(/\/dev\/pts\/\d+\r\n(?:.|\n)*left-2/);
    terminal.type('exit\nexit\n');
    expect(await terminal.ended()).toBe(0);
  });

  test('sudo asks for a terminal and has it', async ({ rig, skip }) => {
    const terminal = await enterHostUsr(rig, skip, 'sudo');
    terminal.type('sudo -n tty\n');
    await terminal.waitFor(/\n\/dev\/pts\/\d+/);
    terminal.type('exit\n');
    expect(await terminal.ended()).toBe(0);
  });
});
