import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDefinition } from '../../../src/config/index.js';
import type { ContainerSpec } from '../../../src/config/spec.js';
import { checkStartable } from '../../../src/container/check-startable.js';
import { explainStartFailure, parseStartFailure } from '../../../src/container/start-failure.js';
import { makeScratchDir } from '../exec/fake-helper.js';

function specOf(rootfs: string, more = ''): ContainerSpec {
  const text = `<domain type='lxc'><name>web</name><memory>65536</memory><os><type>exe</type><init>/sbin/init</init></os>
<devices><filesystem type='mount'><source dir='${rootfs}'/><target dir='/'/></filesystem>${more}<console type='pty'/></devices>
</domain>`;
  const result = parseDefinition(text, { file: 'x' });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.definition.spec;
}

describe('a failed start', () => {
  const failure = {
    step: "mount proc on '/proc'",
    call: 'mount',
    errno: 1,
    errnoName: 'EPERM',
    object: '/proc',
    message: '',
  };

  test('names step, call and errno, and has them as data', () => {
    const error = explainStartFailure(specOf('/x'), failure);
    expect(error.message).toBe("cannot start 'web': mount proc on '/proc': mount: EPERM (operation not permitted)");
    expect(error).toMatchObject({ code: 'CTR_START_FAILED', data: failure });
    expect(error.hint).toBeUndefined();
  });

  test('of a network or of too many processes has what helps', () => {
    const step = "connect the network by '/usr/bin/pasta'";
    const hint = (parts: object) => explainStartFailure(undefined, { ...failure, errnoName: '', ...parts }).hint;
    expect(hint({ step, message: 'failed to open tun socket in namespace' })).toMatch(/chmod 666 \/dev\/net\/tun/);
    expect(hint({ step, message: "failed to bind any port for '-t 80:80', exiting" })).toMatch(/taken, or too low/);
    expect(hint({ step: 'run init', message: 'failed to bind any port' })).toBeUndefined();
    expect(hint({ step: "make the program's process", call: 'fork', errnoName: 'EAGAIN' })).toMatch(
      /limit of processes/,
    );
  });

  test('says the helper’s own words where there is no errno', () => {
    const error = explainStartFailure(specOf('/x'), {
      ...failure,
      call: '',
      errno: 0,
      errnoName: '',
      message: 'no room',
    });
    expect(error.message).toBe("cannot start 'web': mount proc on '/proc': no room");
  });

  test('names an errno that Node does not know by the helper’s text', () => {
    const unknown = { ...failure, call: 'execve', errnoName: 'ENOEXEC', message: 'Exec format error' };
    expect(explainStartFailure(specOf('/x'), unknown).message).toMatch(/: execve: ENOEXEC \(exec format error\)$/);
  });

  test('is read from the helper’s report, whatever is missing in it', () => {
    expect(parseStartFailure(JSON.stringify({ ok: false, ...failure }))).toEqual(failure);
    const nothing = { step: '', call: '', errno: 0, errnoName: '', object: '', message: '' };
    for (const text of ['', '{', 'null', '7', '[]', '{"step":1,"errno":"1"}']) {
      expect(parseStartFailure(text)).toEqual(nothing);
    }
    expect(explainStartFailure(specOf('/x'), nothing).message).toBe("cannot start 'web': the helper failed");
  });

  test('has a hint where one helps', () => {
    const error = explainStartFailure(specOf('/x'), { ...failure, call: 'clone3', errnoName: 'ENOSPC' });
    expect(error.hint).toMatch(/max_user_namespaces/);
  });
});

describe('checkStartable', () => {
  function makeRoot(): string {
    const root = makeScratchDir();
    for (const name of ['sbin', 'proc', 'sys', 'dev']) mkdirSync(join(root, name));
    writeFileSync(join(root, 'sbin/init'), '', { mode: 0o755 });
    return root;
  }

  test('accepts a root with an init', () => {
    expect(() => checkStartable(specOf(makeRoot()))).not.toThrow();
  });

  test('names a root that is missing or no directory', () => {
    expect(() => checkStartable(specOf('/no/root'))).toThrow(
      "cannot start 'web': root file system '/no/root' does not exist",
    );
    expect(() => checkStartable(specOf('/etc/passwd'))).toThrow(/'\/etc\/passwd' is not a directory/);
  });

  test('names an init that is missing, not executable or no file', () => {
    const root = makeRoot();
    chmodSync(join(root, 'sbin/init'), 0o644);
    expect(() => checkStartable(specOf(root))).toThrow("cannot start 'web': init '/sbin/init' is not executable");
    const missing = makeScratchDir();
    expect(() => checkStartable(specOf(missing))).toThrow(`init '/sbin/init' does not exist in '${missing}'`);
    mkdirSync(join(missing, 'sbin/init'), { recursive: true });
    expect(() => checkStartable(specOf(missing))).toThrow(/is not a file/);
  });

  test('leaves an init that another file system brings to the helper', () => {
    const sbin = "<filesystem type='mount'><source dir='/x'/><target dir='/sbin'/></filesystem>";
    expect(() => checkStartable(specOf(makeScratchDir(), sbin))).not.toThrow();
  });

  test('refuses a symbolic link in place of a mount point', () => {
    const root = makeRoot();
    symlinkSync('/tmp', join(root, 'x'));
    const other = makeScratchDir();
    symlinkSync('/tmp', join(other, 'proc'));
    expect(() => checkStartable(specOf(root))).not.toThrow();
    expect(() => checkStartable(specOf(other))).toThrow(/has a symbolic link as \/proc/);
  });
});
