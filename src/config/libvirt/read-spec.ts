import type {
  ContainerSpec,
  CpuSpec,
  FilesystemSpec,
  IdMapSpec,
  InitSpec,
  LifecycleAction,
  LifecycleSpec,
  MemorySpec,
  SecuritySpec,
} from '../spec.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import { readInterface } from './read-interface-spec.js';
import { bytesOfKib } from './size.js';

/** The spec of a domain that was read without errors: its values are right, so this only picks them. */
export function readSpec(domain: DomainElement): ContainerSpec {
  const devices = descendant(domain, 'devices');
  const extension = descendant(domain, 'metadata', 'ctr:container');
  const pids = attributeOf(descendant(extension, 'ctr:pids'), 'max');
  const weight = textOf(domain, 'blkiotune', 'weight');
  const idmap = readIdmap(descendant(domain, 'idmap'));
  return {
    format: 'libvirt',
    name: textOf(domain, 'name') ?? '',
    ...optional('uuid', textOf(domain, 'uuid')),
    ...optional('title', textOf(domain, 'title')),
    ...optional('description', textOf(domain, 'description')),
    memory: readMemory(domain),
    cpu: readCpu(domain),
    ...(weight === undefined ? {} : { blkio: { weight: Number(weight) } }),
    ...(pids === undefined ? {} : { pids: { max: Number(pids) } }),
    ...optional('partition', textOf(domain, 'resource', 'partition')),
    ...optional('arch', attributeOf(descendant(domain, 'os', 'type'), 'arch')),
    init: readInit(descendant(domain, 'os')),
    ...(idmap === undefined ? {} : { idmap }),
    features: {
      privnet: descendant(domain, 'features', 'privnet') !== undefined,
      capabilities: readCapabilities(descendant(domain, 'features', 'capabilities')),
    },
    filesystems: childrenOf(devices, 'filesystem').map((filesystem) => readFilesystem(filesystem)),
    interfaces: childrenOf(devices, 'interface').map((link) => readInterface(link)),
    consoles: childrenOf(devices, 'console').map(() => ({ type: 'pty' })),
    lifecycle: readLifecycle(domain, attributeOf(descendant(extension, 'ctr:signal'), 'stop')),
    security: readSecurity(extension),
  };
}

/** An optional property: absent, not undefined. */
function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}

function textOf(domain: DomainElement | undefined, ...path: readonly string[]): string | undefined {
  return descendant(domain, ...path)?.text;
}

function numberOf(domain: DomainElement, ...path: readonly string[]): number | undefined {
  const text = textOf(domain, ...path);
  return text === undefined ? undefined : Number(text);
}

function attributeOf(element: DomainElement | undefined, name: string): string | undefined {
  return element?.attributes.get(name);
}

function readMemory(domain: DomainElement): MemorySpec {
  const limit = (name: string) => {
    const kib = textOf(domain, 'memtune', name);
    return kib === undefined ? undefined : bytesOfKib(kib);
  };
  return {
    totalBytes: bytesOfKib(textOf(domain, 'memory') ?? '0'),
    ...optional('hardLimitBytes', limit('hard_limit')),
    ...optional('softLimitBytes', limit('soft_limit')),
    ...optional('swapHardLimitBytes', limit('swap_hard_limit')),
  };
}

function readCpu(domain: DomainElement): CpuSpec {
  return {
    count: numberOf(domain, 'vcpu') ?? 1,
    ...optional('cpuset', attributeOf(descendant(domain, 'vcpu'), 'cpuset')),
    ...optional('shares', numberOf(domain, 'cputune', 'shares')),
    ...optional('periodUs', numberOf(domain, 'cputune', 'period')),
    ...optional('quotaUs', numberOf(domain, 'cputune', 'quota')),
  };
}

function readInit(os: DomainElement | undefined): InitSpec {
  // '+5' says that a number is meant, and a bare number means no less
  const account = (name: string) => textOf(os, name)?.replace(/^\+/, '');
  return {
    path: textOf(os, 'init') ?? '',
    args: childrenOf(os, 'initarg').map((arg) => arg.text ?? ''),
    env: childrenOf(os, 'initenv').map((variable) => ({
      name: attributeOf(variable, 'name') ?? '',
      value: variable.text ?? '',
    })),
    ...optional('dir', textOf(os, 'initdir')),
    ...optional('user', account('inituser')),
    ...optional('group', account('initgroup')),
    ...optional('cmdline', textOf(os, 'cmdline')),
  };
}

function readIdmap(idmap: DomainElement | undefined): IdMapSpec | undefined {
  if (idmap === undefined) return undefined;
  const ranges = (kind: 'uid' | 'gid') =>
    childrenOf(idmap, kind).map((range) => ({
      inside: Number(attributeOf(range, 'start')),
      outside: Number(attributeOf(range, 'target')),
      count: Number(attributeOf(range, 'count')),
    }));
  return { uid: ranges('uid'), gid: ranges('gid') };
}

function readCapabilities(capabilities: DomainElement | undefined): ContainerSpec['features']['capabilities'] {
  return {
    policy: (attributeOf(capabilities, 'policy') ?? 'default') as 'default' | 'allow' | 'deny',
    states: childrenOf(capabilities).map((child) => ({
      name: child.name,
      state: attributeOf(child, 'state') === 'off' ? 'off' : 'on',
    })),
  };
}

function readFilesystem(filesystem: DomainElement): FilesystemSpec {
  const source = descendant(filesystem, 'source');
  const target = attributeOf(descendant(filesystem, 'target'), 'dir') ?? '';
  const readonly = descendant(filesystem, 'readonly') !== undefined;
  switch (attributeOf(filesystem, 'type')) {
    case 'ram':
      return { type: 'ram', target, sizeBytes: bytesOfKib(attributeOf(source, 'usage') ?? '0'), readonly };
    case 'bind':
      return { type: 'bind', source: attributeOf(source, 'dir') ?? '', target, readonly };
    default: {
      const accessMode = attributeOf(filesystem, 'accessmode') === 'mapped' ? 'mapped' : 'passthrough';
      return { type: 'mount', source: attributeOf(source, 'dir') ?? '', target, readonly, accessMode };
    }
  }
}

function readLifecycle(domain: DomainElement, stopSignal: string | undefined): LifecycleSpec {
  return {
    onPoweroff: (textOf(domain, 'on_poweroff') ?? 'destroy') as LifecycleAction,
    onReboot: (textOf(domain, 'on_reboot') ?? 'restart') as LifecycleAction,
    onCrash: (textOf(domain, 'on_crash') ?? 'destroy') as LifecycleSpec['onCrash'],
    ...optional('stopSignal', stopSignal),
  };
}

/** Without an extension the container is as safe as the format allows. */
function readSecurity(extension: DomainElement | undefined): SecuritySpec {
  return {
    seccomp: attributeOf(descendant(extension, 'ctr:seccomp'), 'profile') === 'none' ? 'none' : 'os',
    masks: attributeOf(descendant(extension, 'ctr:masks'), 'state') !== 'off',
    nesting: attributeOf(descendant(extension, 'ctr:nesting'), 'state') === 'on',
  };
}
