import { describe, expect, test } from 'vitest';
import { givesUp } from '../../../src/config/gives-up.js';
import type { ContainerSpec, FilesystemSpec } from '../../../src/config/spec.js';
import { define, domainText } from './domain-text.js';

const IDMAP =
  "<idmap><uid start='0' target='100000' count='65536'/><gid start='0' target='100000' count='65536'/></idmap>";
const ROOT = "<filesystem><source dir='/srv/web'/><target dir='/'/></filesystem>";
const PRIVNET = '<features><privnet/></features>';

const extension = (content: string) =>
  `<metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'>${content}</ctr:container></metadata>`;

function linesOf(body: string, devices: string): string[] {
  return givesUp(define(domainText({ body, devices })).spec).map((line) => line.split(':')[0] ?? '');
}

test('a container with its own root, ids and network gives nothing up', () => {
  expect(linesOf(IDMAP + PRIVNET, ROOT)).toEqual([]);
});

test('each missing wall is one line', () => {
  expect(linesOf(PRIVNET, ROOT)).toEqual(['no idmap']);
  expect(linesOf(IDMAP + PRIVNET, '')).toEqual(['host root']);
  expect(linesOf(IDMAP, ROOT)).toEqual(['no network of its own']);
  expect(linesOf(`${IDMAP}${PRIVNET}${extension("<ctr:seccomp profile='none'/>")}`, ROOT)).toEqual([
    'no seccomp filter',
  ]);
  expect(linesOf(`${IDMAP}${PRIVNET}${extension("<ctr:masks state='off'/>")}`, ROOT)).toEqual(['no masks']);
  expect(linesOf(`${IDMAP}${PRIVNET}${extension("<ctr:nesting state='on'/>")}`, ROOT)).toEqual(['nesting']);
});

test('an id map with root of the host gives up what it is for', () => {
  const idmap = (target: number) =>
    `<idmap><uid start='0' target='${target}' count='10'/><gid start='0' target='100000' count='10'/></idmap>`;
  expect(linesOf(idmap(0) + PRIVNET, ROOT)).toEqual(['idmap has id 0 of the host']);
  expect(linesOf(idmap(1) + PRIVNET, ROOT)).toEqual([]);
});

test("a root that is the host's '/' is the host root, too", () => {
  const root = "<filesystem><source dir='/'/><target dir='/'/></filesystem>";
  expect(linesOf(IDMAP + PRIVNET, root)).toEqual(['host root']);
});

test('an interface is a network of its own', () => {
  expect(linesOf(IDMAP, `${ROOT}<interface type='network'><source network='default'/></interface>`)).toEqual([]);
});

describe('of what only other formats say', () => {
  const { spec } = define(domainText({ body: IDMAP + PRIVNET, devices: ROOT }));
  const { idmap: _ids, ...withoutIds } = spec;
  const of = (changes: Partial<ContainerSpec>) => givesUp({ ...spec, ...changes });
  const ofRoot = (changes: Partial<ContainerSpec>) =>
    givesUp({ ...withoutIds, ...changes }).filter((line) => !line.startsWith('no idmap'));

  test('a writable /proc lacks what its own lists do not say', () => {
    const kernelMounts = { proc: 'writable' } as const;
    const security = { ...spec.security, masks: false };
    expect(of({ kernelMounts, security })).toEqual(['/proc writable: no masks, sysctls are in reach']);
    expect(ofRoot({ kernelMounts, security })).toEqual(['/proc writable: no masks, sysctls of the host are in reach']);
    const listed = { ...security, maskedPaths: ['/proc/kcore'], readonlyPaths: ['/proc/sys'] };
    expect(ofRoot({ kernelMounts, security: listed })).toEqual([]);
    expect(ofRoot({ kernelMounts, security: { ...listed, readonlyPaths: [] } })).toEqual([
      '/proc writable: sysctls of the host are in reach',
    ]);
  });

  test('masks matter where there is something to hide', () => {
    const security = { ...spec.security, masks: false };
    expect(of({ security })).toEqual(['no masks: sensitive files of /proc and /sys are in sight']);
    expect(of({ security: { ...security, maskedPaths: ['/proc/kcore'] } })).toEqual([]);
    expect(of({ security, kernelMounts: { proc: 'none', sys: 'none' } })).toEqual([]);
  });

  test('/sys and cgroups that may be written to', () => {
    expect(of({ kernelMounts: { sys: 'mixed', cgroup: 'writable' } })).toEqual([]);
    expect(ofRoot({ kernelMounts: { sys: 'writable', cgroup: 'writable' } })).toEqual([
      '/sys writable: settings of devices and modules of the host are in reach',
      'cgroups writable: root inside can lift its own limits',
    ]);
  });

  test('devices, by their nodes and by their rules', () => {
    const node = (path: string) => ({ path, kind: 'char', source: '/dev/kvm', access: 'rw' }) as const;
    expect(of({ devices: { nodes: [node('/dev/kvm'), node('/dev/null')] } })).toEqual([
      "device '/dev/kvm': direct access to the host's device",
    ]);
    expect(of({ devices: { nodes: ['a', 'b', 'c', 'd', 'e'].map((name) => node(`/dev/${name}`)) } })).toEqual([
      "devices '/dev/a', '/dev/b', '/dev/c' and 2 more: direct access to the host's devices",
    ]);
    const all = (allow: boolean) => ({ allow, kind: 'all', access: 'rwm' }) as const;
    const line = 'all devices: every device of the host may be opened';
    expect(of({ devices: { nodes: [], rules: [all(false), all(true)] } })).toEqual([line]);
    expect(of({ devices: { nodes: [], rules: [all(true), all(false)] } })).toEqual([]);
    expect(of({ devices: { nodes: [], rules: [all(false), { ...all(true), access: 'm' }] } })).toEqual([]);
    expect(of({ kernelMounts: { dev: 'none' } })).toEqual(['/dev is that of its root: with what nodes are in it']);
  });

  test('mounts of the host, of its kernel, and those that go on', () => {
    const mount = {
      type: 'mount',
      source: '/srv',
      target: '/srv',
      readonly: false,
      accessMode: 'passthrough',
    } as const;
    const mounts = (...more: readonly FilesystemSpec[]) => ({ filesystems: [...spec.filesystems, ...more] });
    expect(ofRoot(mounts({ ...mount, flags: [] }, { ...mount, flags: ['nosuid'], target: '/a' }, mount))).toEqual([
      "'/srv' without nosuid, nodev",
      "'/a' without nodev",
    ]);
    expect(of(mounts({ ...mount, flags: [] }))).toEqual([]);
    expect(of(mounts({ ...mount, propagation: 'rslave' }, { ...mount, target: '/a', propagation: 'shared' }))).toEqual([
      "'/srv' follows the host: what is mounted below it there is seen inside",
      "'/a' is shared: what is mounted below it inside is mounted on the host",
    ]);
    const special = (fstype: string, target: string): FilesystemSpec => ({
      type: 'special',
      fstype,
      source: fstype,
      target,
      readonly: true,
    });
    expect(
      of(mounts(special('debugfs', '/debug'), special('proc', '/old/proc'), special('mqueue', '/dev/mqueue'))),
    ).toEqual([
      "'/debug' is a debugfs: it shows the host's, without masks",
      "'/old/proc' is a proc: masks and guards are on /proc and /sys alone",
    ]);
  });

  test('programs that run on the host, and namespaces that are shared', () => {
    const hook = { path: '/bin/true', args: [], convention: 'oci' } as const;
    expect(of({ hooks: [{ ...hook, when: 'start' }] })).toEqual([]);
    expect(of({ hooks: [{ ...hook, when: 'pre-start' }] })).toEqual([
      'hooks: run on the host as root, as their format means',
    ]);
    const host = { kind: 'host' } as const;
    expect(of({ namespaces: { pid: host, ipc: host, uts: host, cgroup: host } })).toHaveLength(4);
  });
});
