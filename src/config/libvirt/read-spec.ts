import type {
  ContainerSpec,
  DevicesSpec,
  IdMapSpec,
  InitSpec,
  LifecycleAction,
  LifecycleSpec,
  NamespaceKind,
  NamespaceSource,
  NamespacesSpec,
  SecurityLabelSpec,
  SecuritySpec,
} from '../spec.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import { type Extension, extensionWord } from './extension-rows.js';
import { findRefusals, LABEL_MODELS } from './find-refusals.js';
import { attributeOf, optional, textOf } from './pick.js';
import { readNodes } from './read-device-spec.js';
import { readFilesystems } from './read-filesystem-spec.js';
import { readInterfaces } from './read-interface-spec.js';
import { readBlkio, readCpu, readMemory, readNuma } from './read-resource-spec.js';

const EMPTY: Extension = { filesystems: [], interfaces: [] };

/** What the domain's extension says. */
export function readExtension(domain: DomainElement): Extension {
  const element = descendant(domain, 'metadata', 'ctr:container');
  return element === undefined ? EMPTY : extensionWord.read(element);
}

/** The spec of a domain that was read without errors: its values are right, so this only picks them. */
export function readSpec(domain: DomainElement): ContainerSpec {
  const devices = descendant(domain, 'devices');
  const extension = readExtension(domain);
  const refusals = [...new Set([...(extension.refusals ?? []), ...findRefusals(domain).map(({ reason }) => reason)])];
  return {
    format: 'libvirt',
    name: textOf(domain, 'name') ?? '',
    ...optional('uuid', textOf(domain, 'uuid')),
    ...optional('title', textOf(domain, 'title')),
    ...optional('description', textOf(domain, 'description')),
    ...optional('hostname', extension.hostname),
    ...optional('domainname', extension.domainname),
    memory: { ...readMemory(domain), ...extension.memory },
    cpu: readCpu(domain),
    ...optional('blkio', readBlkio(domain)),
    ...optional('numa', readNuma(domain)),
    ...optional('pids', extension.pids),
    ...optional('cgroupFiles', extension.cgroupFiles),
    ...optional('partition', textOf(domain, 'resource', 'partition')),
    ...optional('arch', attributeOf(domain, 'arch', 'os', 'type')),
    init: { ...readInit(descendant(domain, 'os')), ...extension.init },
    ...optional('idmap', readIdmap(descendant(domain, 'idmap'))),
    ...optional('idRange', extension.idRange),
    ...optional('namespaces', readNamespaces(descendant(domain, 'lxc:namespace'), extension.namespaces)),
    features: {
      privnet: descendant(domain, 'features', 'privnet') !== undefined,
      capabilities: readCapabilities(descendant(domain, 'features', 'capabilities'), extension.capabilities),
    },
    filesystems: readFilesystems(devices, extension.filesystems),
    ...optional('rootMode', extension.root?.mode),
    ...optional('kernelMounts', extension.kernelMounts),
    ...optional('devices', readDevices(domain, extension.devices)),
    interfaces: readInterfaces(devices, extension.interfaces),
    ...optional('ports', extension.ports),
    consoles: childrenOf(devices, 'console')
      .filter((console) => attributeOf(console, 'type') === 'pty')
      .map(() => ({ type: 'pty' })),
    lifecycle: readLifecycle(domain, extension),
    ...optional('autostart', extension.autostart),
    ...optional('process', extension.process),
    ...optional('hooks', extension.hooks),
    security: readSecurity(domain, extension),
    ...optional('hostFiles', extension.hostFiles),
    ...optional('annotations', extension.annotations),
    ...(refusals.length === 0 ? {} : { refusals }),
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

function readNamespaces(
  sharing: DomainElement | undefined,
  others: Extension['namespaces'],
): NamespacesSpec | undefined {
  if (sharing === undefined && others === undefined) return undefined;
  const shared = childrenOf(sharing).map((element): [NamespaceKind, NamespaceSource] => [
    element.name.slice('lxc:share'.length) as NamespaceKind,
    readSource(attributeOf(element, 'type'), attributeOf(element, 'value') ?? ''),
  ]);
  return Object.fromEntries([...shared, ...(others ?? []).map(({ of, source }) => [of, source] as const)]);
}

function readSource(type: string | undefined, value: string): NamespaceSource {
  if (type === 'pid') return { kind: 'pid', pid: Number(value) };
  return { kind: type === 'netns' ? 'netns' : 'container', name: value };
}

function readCapabilities(
  capabilities: DomainElement | undefined,
  { states = [], ...sets }: NonNullable<Extension['capabilities']> = {},
): ContainerSpec['features']['capabilities'] {
  const named = childrenOf(capabilities).map((child) => ({
    name: child.name,
    state: attributeOf(child, 'state') === 'off' ? ('off' as const) : ('on' as const),
  }));
  const policy = (attributeOf(capabilities, 'policy') ?? 'default') as 'default' | 'allow' | 'deny';
  return { policy, states: [...named, ...states], ...sets };
}

function readDevices(domain: DomainElement, others: Extension['devices']): DevicesSpec | undefined {
  const nodes = readNodes(domain);
  if (nodes.length === 0) return others;
  return { ...others, nodes: [...nodes, ...(others?.nodes ?? [])] };
}

function readLifecycle(domain: DomainElement, { signals, notify }: Extension): LifecycleSpec {
  return {
    onPoweroff: (textOf(domain, 'on_poweroff') ?? 'destroy') as LifecycleAction,
    onReboot: (textOf(domain, 'on_reboot') ?? 'restart') as LifecycleAction,
    onCrash: (textOf(domain, 'on_crash') ?? 'destroy') as LifecycleSpec['onCrash'],
    ...signals,
    ...optional('notifyReady', notify?.ready),
  };
}

/** Without an extension the container is as safe as the format allows. */
function readSecurity(domain: DomainElement, extension: Extension): SecuritySpec {
  const labels = childrenOf(domain, 'seclabel').flatMap((label) => readLabel(label));
  return {
    seccomp: extension.seccomp ?? 'os',
    masks: extension.masks ?? true,
    nesting: extension.nesting ?? false,
    ...optional('maskedPaths', extension.maskedPaths),
    ...optional('readonlyPaths', extension.readonlyPaths),
    ...optional('noNewPrivs', extension.noNewPrivs),
    ...optional('hostRoot', extension.hostRoot),
    ...(labels.length === 0 ? {} : { labels }),
  };
}

/** `relabel` stays out where it is as its type has it. A model that no container has is refused, or does nothing. */
function readLabel(label: DomainElement): SecurityLabelSpec[] {
  const type = (attributeOf(label, 'type') ?? 'dynamic') as SecurityLabelSpec['type'];
  const model = attributeOf(label, 'model') as 'selinux' | 'apparmor' | undefined;
  if (!LABEL_MODELS.has(model)) return [];
  const relabels = type === 'static' && attributeOf(label, 'relabel') === 'yes';
  return [
    {
      ...optional('model', model),
      type,
      ...optional('label', textOf(label, 'label')),
      ...optional('baselabel', textOf(label, 'baselabel')),
      ...(relabels ? { relabel: true } : {}),
    },
  ];
}
