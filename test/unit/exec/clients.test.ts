import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findHelper, flockByHelper, keyByHelper, runHelper } from '../../../src/exec/helper.js';
import { parseProbeReport } from '../../../src/exec/probe.js';
import { makeFakeHelper, makeScratchDir } from './fake-helper.js';

describe('findHelper', () => {
  test('takes one of our version', async () => {
    const helper = makeFakeHelper();
    expect(await findHelper(helper)).toBe(helper);
  });

  test('refuses another version, and says what it found', async () => {
    const helper = makeFakeHelper({ version: 'echo clone-helper 99' });
    await expect(findHelper(helper)).rejects.toMatchObject({
      code: 'CTR_HELPER',
      message: `cannot use the native helper '${helper}': it is 'clone-helper 99', not 'clone-helper 2'`,
    });
  });

  test('names one that is not there, or cannot run', async () => {
    await expect(findHelper('/no/helper')).rejects.toThrow(
      "cannot find the native helper: '/no/helper' does not exist",
    );
    await expect(findHelper('/etc/passwd')).rejects.toThrow(/cannot run the native helper '\/etc\/passwd': EACCES/);
  });
});

describe('runHelper', () => {
  test('passes a file on as descriptor 3', async () => {
    const path = join(makeScratchDir(), 'file');
    const file = await open(path, 'w');
    await runHelper(makeFakeHelper({ x: 'echo hello >&3' }), ['x'], file.fd);
    await file.close();
    expect(existsSync(path)).toBe(true);
    expect(String(await (await open(path)).readFile())).toBe('hello\n');
  });

  test('a lock stays with us after the helper has ended', async () => {
    const helper = makeFakeHelper();
    const path = join(makeScratchDir(), 'lock');
    const [one, two] = [await open(path, 'w'), await open(path, 'w')];
    expect(await flockByHelper(helper, one.fd, 1000)).toBe('locked');
    expect(await flockByHelper(helper, two.fd, 50)).toBe('timeout');
    await one.close();
    expect(await flockByHelper(helper, two.fd, 1000)).toBe('locked');
    await two.close();
  });
});

describe('keyByHelper', () => {
  test('gives the text as it is, for both directories', async () => {
    expect(await keyByHelper(makeFakeHelper({ key: 'echo "$2 $3"; echo more' }), '/s', '/r')).toBe('/s /r\nmore\n');
  });

  test('takes no key for none', async () => {
    await expect(keyByHelper(makeFakeHelper({ key: 'exit 0' }), '/s', '/r')).rejects.toMatchObject({
      code: 'CTR_HELPER',
    });
    await expect(keyByHelper(makeFakeHelper({ key: 'echo ctr: no boot >&2; exit 1' }), '/s', '/r')).rejects.toThrow(
      'cannot make the key of a plan: no boot',
    );
  });
});

test('a probe report keeps what was tried, and drops the rest', () => {
  const text =
    '{"version":1,"namespaces":{"user":true,"net":"EPERM (x)","odd":3},"seccomp":true,"idmappedMounts":"EINVAL"}';
  expect(parseProbeReport(text)).toEqual({
    version: 1,
    namespaces: { user: true, net: 'EPERM (x)' },
    features: { seccomp: true, idmappedMounts: 'EINVAL' },
  });
  for (const bad of ['', '{}', 'null', '[1]']) expect(parseProbeReport(bad)).toBeUndefined();
});
