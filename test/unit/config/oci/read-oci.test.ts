import { describe, expect, test } from 'vitest';
import { readOci } from '../../../../src/config/oci/read-oci.js';
import { configText, messagesOf, OPTIONS, specOf } from './config-text.js';

describe('what a config.json leaves out', () => {
  const spec = specOf(configText());

  test('is not there: capabilities, groups, a terminal, masks', () => {
    expect(spec.features.capabilities).toEqual({ policy: 'deny', states: [] });
    expect(spec.init.supplementaryGids).toEqual([]);
    expect(spec.process).toEqual({ terminal: false });
    expect(spec.security).toEqual({ seccomp: 'os', masks: false, nesting: false, noNewPrivs: false });
    expect(spec.kernelMounts).toEqual({ proc: 'writable', sys: 'none', cgroup: 'none', dev: 'own' });
    expect(spec.hostname).toBe('');
  });

  test('is the host’s: namespaces', () => {
    expect(spec).not.toHaveProperty('namespaces');
    expect(spec.features.privnet).toBe(true);
    const shared = specOf(configText({ linux: { namespaces: [{ type: 'mount' }] } }));
    const host = { kind: 'host' };
    expect(shared.namespaces).toEqual({ net: host, ipc: host, uts: host, pid: host, cgroup: host });
    expect(shared.features.privnet).toBe(false);
  });

  test('makes no start impossible, but a mount namespace and a process do', () => {
    expect(spec).not.toHaveProperty('refusals');
    expect(specOf(JSON.stringify({ ociVersion: '1.0.0', root: { path: '/r' } })).refusals).toEqual([
      "it asks for the host's mount namespace",
      "its configuration has no 'process'",
    ]);
  });

  test('may be null, as Go prints what is empty', () => {
    const nulls = configText({
      hooks: null,
      annotations: null,
      process: { rlimits: null, capabilities: null },
      linux: { seccomp: null },
    });
    expect(specOf(nulls)).toEqual(spec);
  });
});

describe('the bundle', () => {
  const nameless = { file: '/bundles/web/config.json' };

  test('names the container, unless a name is given', () => {
    expect(readOci(configText(), nameless).definition?.spec.name).toBe('web');
    expect(readOci(configText(), { ...nameless, name: 'db' }).definition?.spec.name).toBe('db');
    expect(readOci(configText(), { file: '/bundles/we b/config.json' }).diagnostics[0]?.message).toMatch(
      /^the bundle's directory, 'we b', cannot name the container: /,
    );
  });

  test('is where relative paths start', () => {
    const mounts = [{ destination: '/data', source: '../data', options: ['rbind', 'ro'] }];
    const sources = (text: string, options: typeof OPTIONS & { baseDir?: string; rootfs?: string } = OPTIONS) =>
      specOf(text, options).filesystems.map((filesystem) => ('source' in filesystem ? filesystem.source : undefined));
    expect(sources(configText({ mounts }))).toEqual(['/bundles/web/rootfs', '/bundles/data']);
    expect(sources(configText({ mounts }), { ...OPTIONS, baseDir: '/srv/b' })).toEqual(['/srv/b/rootfs', '/srv/data']);
    expect(sources(configText({ mounts }), { ...OPTIONS, rootfs: '/srv/r' })).toEqual(['/srv/r', '/bundles/data']);
    expect(sources(configText({ root: { path: '/r/../s' } }))).toEqual(['/s']);
  });

  test('must be known when a path is relative', () => {
    expect(messagesOf(configText(), 'error', { ...OPTIONS, file: 'config.json' })).toEqual([
      "'root.path' is relative to the bundle, and its directory is not known (name the file by its absolute path)",
    ]);
    expect(messagesOf(configText({ root: undefined }))).toEqual(["the configuration needs 'root'"]);
    expect(
      readOci(configText({ root: undefined }), { ...OPTIONS, rootfs: '/r' }).definition?.spec.filesystems[0],
    ).toMatchObject({ source: '/r', target: '/' });
  });
});

describe('the program', () => {
  const init = (process: Record<string, unknown>) => specOf(configText({ process })).init;

  test('without a slash is searched in PATH, in its order', () => {
    expect(init({ env: ['PATH=/opt/bin::bin:/opt/bin'], cwd: '/srv' })).toMatchObject({
      path: '/opt/bin/sh',
      fallbacks: ['/srv/sh', '/srv/bin/sh'],
      argv0: 'sh',
      args: [],
    });
  });

  test('without PATH is searched where programs usually are', () => {
    const { path, fallbacks = [] } = init({ env: [] });
    expect([path, ...fallbacks]).toEqual(
      ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].map((folder) => `${folder}/sh`),
    );
  });

  test('with a slash is a path, relative to the working directory', () => {
    expect(init({ args: ['/bin/ls', '-l'] })).toMatchObject({ path: '/bin/ls', args: ['-l'] });
    expect(init({ args: ['/bin/ls'] })).not.toHaveProperty('argv0');
    expect(init({ args: ['./run'], cwd: '/srv' })).toMatchObject({ path: '/srv/run', argv0: './run' });
  });

  test('runs with exactly its environment, user and groups', () => {
    const user = { uid: 14, gid: 15, additionalGids: [59, 81], umask: 18 };
    const spec = specOf(configText({ process: { user, env: ['A=b=c', 'EMPTY='] } }));
    expect(spec.init).toMatchObject({ user: '14', group: '15', supplementaryGids: [59, 81], dir: '/' });
    expect(spec.init.env).toEqual([
      { name: 'A', value: 'b=c' },
      { name: 'EMPTY', value: '' },
    ]);
    expect(spec.process?.umask).toBe(0o22);
  });
});

test('sets of capabilities differ from the bounding set where the text says so', () => {
  const capabilities = {
    bounding: ['CAP_KILL', 'CAP_CHOWN', 'CAP_KILL'],
    effective: ['CAP_CHOWN', 'CAP_KILL'],
    permitted: ['CAP_KILL'],
    inheritable: [],
    ambient: ['CAP_KILL'],
  };
  expect(specOf(configText({ process: { capabilities } })).features.capabilities).toEqual({
    policy: 'deny',
    states: [
      { name: 'kill', state: 'on' },
      { name: 'chown', state: 'on' },
    ],
    effective: ['chown', 'kill'],
    permitted: ['kill'],
    ambient: ['kill'],
  });
});

test('limits of 64 bits: the largest number is none', () => {
  const text = configText({ process: { rlimits: [{ type: 'RLIMIT_CORE', soft: 5, hard: 7 }] } }).replace(
    '"hard": 7',
    '"hard": 18446744073709551615',
  );
  expect(specOf(text).process?.rlimits).toEqual([{ name: 'core', soft: 5, hard: 'infinity' }]);
});

test('hooks run where the specification says, with the state on stdin', () => {
  const hook = { path: '/bin/busybox', args: ['touch', '/x'], env: ['A=b'], timeout: 5 };
  const hooks = {
    poststop: [hook],
    startContainer: [hook],
    createContainer: [hook],
    createRuntime: [{ path: '/a' }],
    prestart: [hook],
    poststart: [hook],
  };
  const { hooks: read = [] } = specOf(configText({ hooks }));
  expect(read.map(({ when }) => when)).toEqual([
    'start-host',
    'start-host',
    'create-container',
    'start',
    'poststart',
    'post-stop',
  ]);
  expect(read[0]).toEqual({
    when: 'start-host',
    path: '/bin/busybox',
    argv0: 'touch',
    args: ['/x'],
    env: [{ name: 'A', value: 'b' }],
    timeoutSeconds: 5,
    convention: 'oci',
  });
  expect(read[1]).toEqual({ when: 'start-host', path: '/a', args: [], convention: 'oci' });
});

test.each([
  ['15', 'TERM'],
  ['SIGQUIT', 'QUIT'],
  ['37', 'RTMIN+3'],
  ['RTMIN+3', 'RTMIN+3'],
])('an image that ends by %s is stopped by %s', (value, signal) => {
  const spec = specOf(configText({ annotations: { 'org.opencontainers.image.stopSignal': value } }));
  expect(spec.lifecycle.stopSignal).toBe(signal);
  // What a print says anyway is no annotation besides.
  const kept = value === `SIG${signal}` ? undefined : [{ name: 'org.opencontainers.image.stopSignal', value }];
  expect(spec.annotations).toEqual(kept);
});

test('the parent of the group is honoured', () => {
  const partition = (cgroupsPath: string) => specOf(configText({ linux: { cgroupsPath } })).partition;
  expect([partition('/pods/a/web'), partition('pods/web'), partition('/web')]).toEqual(['/pods/a', '/pods', undefined]);
});

test('what is kept or refused is in the spec, and said', () => {
  const text = configText({
    vm: { a: [1] },
    linux: { intelRdt: { closID: 'x' }, cgroupsPath: 'system.slice:ctr:web' },
  });
  const spec = specOf(text);
  expect(spec.kept).toEqual([
    { format: 'oci', key: 'linux.cgroupsPath', value: '"system.slice:ctr:web"' },
    { format: 'oci', key: 'linux.intelRdt', value: '{"closID":"x"}' },
    { format: 'oci', key: 'vm', value: '{"a":[1]}' },
  ]);
  expect(spec.refusals).toEqual([
    'linux.cgroupsPath asks for a scope of systemd',
    'linux.intelRdt asks for a class of Intel Resource Director Technology',
  ]);
  expect(messagesOf(text, 'warning').toSorted()).toEqual([
    'this can be defined, but not started: linux.cgroupsPath asks for a scope of systemd',
    'this can be defined, but not started: linux.intelRdt asks for a class of Intel Resource Director Technology',
    'vm has no effect; it is kept',
  ]);
});

test('a sysctl needs a namespace of the container', () => {
  const sysctl = {
    'net.ipv4.ip_forward': '1',
    'kernel.shmmax': '1',
    'fs/mqueue/msg_max': '1',
    'kernel.domainname': 'a',
  };
  expect(specOf(configText({ linux: { sysctl } }))).not.toHaveProperty('refusals');
  const onHost = specOf(
    configText({
      linux: { sysctl: { ...sysctl, 'vm.swappiness': '1' }, namespaces: [{ type: 'mount' }, { type: 'ipc' }] },
    }),
  );
  expect(onHost.refusals).toEqual([
    "sysctl 'net.ipv4.ip_forward' belongs to no namespace of the container",
    "sysctl 'kernel.domainname' belongs to no namespace of the container",
    "sysctl 'vm.swappiness' belongs to no namespace of the container",
  ]);
});
