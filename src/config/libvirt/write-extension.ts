import type { CapabilitiesSpec, ContainerSpec, InitSpec, LifecycleSpec, MemorySpec } from '../spec.js';
import { type DomainElement, makeElement } from './domain-element.js';
import { type Extension, extensionWord } from './extension-rows.js';
import { optional } from './pick.js';
import { CTR_NAMESPACE, CTR_PREFIX } from './word.js';
import { NEWER_CAPABILITIES } from './words-security.js';
import { splitFilesystems } from './write-filesystems.js';
import { splitInterfaces } from './write-interfaces.js';
import { writeNamespaces } from './write-namespaces.js';
import { splitNodes } from './write-nodes.js';

/** `<ctr:container>`. What is as when missing stays out: a spec that libvirt can say whole gives a domain without it. */
export function writeExtension(spec: ContainerSpec): DomainElement | undefined {
  const element = extensionWord.write(restOf(spec));
  if (element.children.length === 0) return undefined;
  return makeElement(element.name, { [`xmlns:${CTR_PREFIX}`]: CTR_NAMESPACE }, element.children);
}

/** What libvirt's elements leave unsaid. */
function restOf(spec: ContainerSpec): Extension {
  const { security, lifecycle } = spec;
  return {
    ...optional('hostname', spec.hostname),
    ...optional('domainname', spec.domainname),
    ...optional('memory', present(exactMemory(spec.memory))),
    ...optional('pids', spec.pids),
    ...optional('cgroupFiles', spec.cgroupFiles),
    ...optional('init', present(restOfInit(spec.init))),
    ...optional('process', spec.process),
    ...optional('idRange', spec.idRange),
    ...optional('namespaces', writeNamespaces(spec).others),
    ...optional('capabilities', present(restOfCapabilities(spec.features.capabilities))),
    ...(security.seccomp === 'os' ? {} : { seccomp: security.seccomp }),
    ...(security.masks ? {} : { masks: false }),
    ...optional('maskedPaths', security.maskedPaths),
    ...optional('readonlyPaths', security.readonlyPaths),
    ...(security.nesting ? { nesting: true } : {}),
    ...optional('noNewPrivs', security.noNewPrivs),
    ...optional('hostRoot', security.hostRoot),
    filesystems: splitFilesystems(spec.filesystems).placed,
    ...(spec.rootMode === undefined ? {} : { root: { mode: spec.rootMode } }),
    ...optional('kernelMounts', spec.kernelMounts),
    ...optional('devices', splitNodes(spec.devices).others),
    interfaces: splitInterfaces(spec.interfaces).placed,
    ...optional('ports', spec.ports),
    ...optional('signals', present(signalsOf(lifecycle))),
    ...(lifecycle.notifyReady === undefined ? {} : { notify: { ready: lifecycle.notifyReady } }),
    ...optional('autostart', spec.autostart),
    ...optional('hooks', spec.hooks),
    ...optional('hostFiles', spec.hostFiles),
    ...optional('annotations', spec.annotations),
    ...(spec.refusals === undefined || spec.refusals.length === 0 ? {} : { refusals: spec.refusals }),
  };
}

/** An object with something in it. */
function present<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

/** libvirt counts in KiB. */
function exactMemory(memory: MemorySpec): MemorySpec {
  return Object.fromEntries(Object.entries(memory).filter(([, bytes]) => bytes % 1024 !== 0));
}

/** Whether `<initarg>` and `<initenv>` can say all of them: libvirt refuses empty ones. */
export function saysInit({ args, env }: InitSpec): { readonly args: boolean; readonly env: boolean } {
  return {
    args: args.every((arg) => arg !== ''),
    env: env.every(({ name, value }) => value !== '' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)),
  };
}

function restOfInit(init: InitSpec): Partial<InitSpec> {
  const said = saysInit(init);
  return {
    ...optional('argv0', init.argv0),
    ...optional('reaper', init.reaper),
    ...optional('fallbacks', init.fallbacks),
    ...(said.args ? {} : { args: init.args }),
    ...(said.env ? {} : { env: init.env }),
    ...optional('supplementaryGids', init.supplementaryGids),
  };
}

function restOfCapabilities({ policy: _, states, ...sets }: CapabilitiesSpec): Partial<CapabilitiesSpec> {
  const newer = states.filter(({ name }) => NEWER_CAPABILITIES.includes(name));
  return { ...sets, ...(newer.length === 0 ? {} : { states: newer }) };
}

function signalsOf({ stopSignal, rebootSignal, killSignal }: LifecycleSpec): Partial<LifecycleSpec> {
  return {
    ...optional('stopSignal', stopSignal),
    ...optional('rebootSignal', rebootSignal),
    ...optional('killSignal', killSignal),
  };
}
