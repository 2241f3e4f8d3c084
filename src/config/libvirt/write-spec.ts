import type { ContainerSpec, FilesystemSpec, InterfaceSpec, IpSpec, RouteSpec } from '../spec.js';
import { type DomainElement, makeElement } from './domain-element.js';
import { CTR_NAMESPACE } from './extension-rows.js';

/** A domain that says what a spec says. Its canonical form is what the reader makes of its print. */
export function writeSpec(spec: ContainerSpec): DomainElement {
  const { memory, cpu, init, lifecycle } = spec;
  return makeElement('domain', { type: 'lxc' }, [
    makeElement('name', {}, spec.name),
    textElement('uuid', spec.uuid),
    textElement('title', spec.title),
    textElement('description', spec.description),
    makeElement('metadata', {}, [writeExtension(spec)]),
    sizeElement('memory', memory.totalBytes),
    makeElement('memtune', {}, [
      sizeElement('hard_limit', memory.hardLimitBytes),
      sizeElement('soft_limit', memory.softLimitBytes),
      sizeElement('swap_hard_limit', memory.swapHardLimitBytes),
    ]),
    makeElement('vcpu', { cpuset: cpu.cpuset }, String(cpu.count)),
    makeElement('cputune', {}, [
      textElement('shares', cpu.shares),
      textElement('period', cpu.periodUs),
      textElement('quota', cpu.quotaUs),
    ]),
    makeElement('blkiotune', {}, [textElement('weight', spec.blkio?.weight)]),
    makeElement('resource', {}, [textElement('partition', spec.partition)]),
    makeElement('os', {}, [
      makeElement('type', { arch: spec.arch }, 'exe'),
      makeElement('init', {}, init.path),
      ...init.args.map((arg) => makeElement('initarg', {}, arg)),
      ...init.env.map(({ name, value }) => makeElement('initenv', { name }, value)),
      textElement('initdir', init.dir),
      textElement('inituser', init.user),
      textElement('initgroup', init.group),
      textElement('cmdline', init.cmdline),
    ]),
    makeElement('idmap', {}, [...writeRanges(spec, 'uid'), ...writeRanges(spec, 'gid')]),
    writeFeatures(spec),
    makeElement('on_poweroff', {}, lifecycle.onPoweroff),
    makeElement('on_reboot', {}, lifecycle.onReboot),
    makeElement('on_crash', {}, lifecycle.onCrash),
    makeElement('devices', {}, [
      ...spec.filesystems.map((filesystem) => writeFilesystem(filesystem)),
      ...spec.interfaces.map((link) => writeInterface(link)),
      ...spec.consoles.map(({ type }) => makeElement('console', { type })),
    ]),
  ]);
}

function textElement(name: string, value: string | number | undefined): DomainElement | undefined {
  return value === undefined ? undefined : makeElement(name, {}, String(value));
}

function sizeElement(name: string, bytes: number | undefined): DomainElement | undefined {
  return bytes === undefined ? undefined : makeElement(name, { unit: 'b' }, String(bytes));
}

function writeRanges(spec: ContainerSpec, kind: 'uid' | 'gid'): DomainElement[] {
  const ranges = spec.idmap?.[kind] ?? [];
  return ranges.map(({ inside, outside, count }) => makeElement(kind, { start: inside, target: outside, count }));
}

function writeFeatures({ features }: ContainerSpec): DomainElement {
  const { policy, states } = features.capabilities;
  return makeElement('features', {}, [
    features.privnet ? makeElement('privnet') : undefined,
    makeElement(
      'capabilities',
      { policy },
      states.map(({ name, state }) => makeElement(name, { state })),
    ),
  ]);
}

/** What is as when missing stays out: a spec without opt-outs gives a domain without the extension. */
function writeExtension({ pids, security, lifecycle }: ContainerSpec): DomainElement | undefined {
  const settings = [
    pids === undefined ? undefined : makeElement('ctr:pids', { max: pids.max }),
    typeof security.seccomp !== 'string' || security.seccomp === 'os'
      ? undefined
      : makeElement('ctr:seccomp', { profile: security.seccomp }),
    security.masks ? undefined : makeElement('ctr:masks', { state: 'off' }),
    security.nesting ? makeElement('ctr:nesting', { state: 'on' }) : undefined,
    lifecycle.stopSignal === undefined ? undefined : makeElement('ctr:signal', { stop: lifecycle.stopSignal }),
  ].filter((setting) => setting !== undefined);
  return settings.length === 0 ? undefined : makeElement('ctr:container', { 'xmlns:ctr': CTR_NAMESPACE }, settings);
}

function writeFilesystem(filesystem: FilesystemSpec): DomainElement {
  const target = makeElement('target', { dir: filesystem.target });
  const readonly = filesystem.readonly ? makeElement('readonly') : undefined;
  if (filesystem.type === 'ram') {
    const source = makeElement('source', { usage: filesystem.sizeBytes, units: 'b' });
    return makeElement('filesystem', { type: 'ram' }, [source, target, readonly]);
  }
  if (!('source' in filesystem)) throw new TypeError(`type ${filesystem.type}`);
  const accessmode = filesystem.type === 'mount' ? filesystem.accessMode : undefined;
  const source = makeElement('source', { dir: filesystem.source });
  return makeElement('filesystem', { type: filesystem.type, accessmode }, [source, target, readonly]);
}

function writeInterface(link: InterfaceSpec): DomainElement {
  const { type, mac, guestName, targetName, linkState } = link;
  const hostSide = [...link.hostIps.map((ip) => writeIp(ip)), ...link.hostRoutes.map((route) => writeRoute(route))];
  return makeElement('interface', { type }, [
    mac === undefined ? undefined : makeElement('mac', { address: mac }),
    makeElement('source', type === 'ethernet' ? {} : { [type]: link.source }, hostSide),
    ...link.ips.map((ip) => writeIp(ip)),
    ...link.routes.map((route) => writeRoute(route)),
    targetName === undefined ? undefined : makeElement('target', { dev: targetName }),
    guestName === undefined ? undefined : makeElement('guest', { dev: guestName }),
    linkState === undefined ? undefined : makeElement('link', { state: linkState }),
  ]);
}

function writeIp({ address, family, prefix, peer }: IpSpec): DomainElement {
  return makeElement('ip', { address, family, prefix, peer });
}

function writeRoute({ family, address, prefix, gateway, metric }: RouteSpec): DomainElement {
  return makeElement('route', { family, address, prefix, gateway, metric });
}
