import type { BlkioDeviceSpec, ContainerSpec, SecurityLabelSpec } from '../spec.js';
import { type DomainElement, makeElement } from './domain-element.js';
import { CAPABILITY_NAMES } from './features-row.js';
import { UNLIMITED_KIB } from './size.js';
import { writeDevices } from './write-devices.js';
import { saysInit, writeExtension } from './write-extension.js';
import { writeNamespaces } from './write-namespaces.js';

/**
 * A domain that says what a spec says; its canonical form is what the reader makes of its print. What libvirt has no word for
 * stands in ctr's extension. `kept` entries belong to the format that they came from, and stay out.
 */
export function writeSpec(spec: ContainerSpec): DomainElement {
  const { memory, cpu, init, lifecycle } = spec;
  const said = saysInit(init);
  return makeElement('domain', { type: 'lxc' }, [
    makeElement('name', {}, spec.name),
    textElement('uuid', spec.uuid),
    textElement('title', spec.title),
    textElement('description', spec.description),
    makeElement('metadata', {}, [writeExtension(spec)]),
    memory.totalBytes === undefined
      ? makeElement('memory', { unit: 'KiB' }, String(UNLIMITED_KIB))
      : sizeElement('memory', memory.totalBytes),
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
    makeElement('blkiotune', {}, [
      textElement('weight', spec.blkio?.weight),
      ...(spec.blkio?.devices ?? []).map((device) => writeBlkioDevice(device)),
    ]),
    spec.numa === undefined ? undefined : makeElement('numatune', {}, [makeElement('memory', { ...spec.numa })]),
    makeElement('resource', {}, [textElement('partition', spec.partition)]),
    makeElement('os', {}, [
      makeElement('type', { arch: spec.arch }, 'exe'),
      makeElement('init', {}, init.path),
      ...(said.args ? init.args : []).map((arg) => makeElement('initarg', {}, arg)),
      ...(said.env ? init.env : []).map(({ name, value }) => makeElement('initenv', { name }, value)),
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
    makeElement('devices', {}, writeDevices(spec)),
    ...(spec.security.labels ?? []).map((label) => writeLabel(label)),
    writeNamespaces(spec).shared,
  ]);
}

function textElement(name: string, value: string | number | undefined): DomainElement | undefined {
  return value === undefined ? undefined : makeElement(name, {}, String(value));
}

function sizeElement(name: string, bytes: number | undefined): DomainElement | undefined {
  return bytes === undefined ? undefined : makeElement(name, { unit: 'b' }, String(bytes));
}

function writeBlkioDevice(device: BlkioDeviceSpec): DomainElement {
  return makeElement('device', {}, [
    textElement('path', device.path),
    textElement('weight', device.weight),
    textElement('read_iops_sec', device.readIopsSec),
    textElement('write_iops_sec', device.writeIopsSec),
    textElement('read_bytes_sec', device.readBytesSec),
    textElement('write_bytes_sec', device.writeBytesSec),
  ]);
}

function writeRanges(spec: ContainerSpec, kind: 'uid' | 'gid'): DomainElement[] {
  const ranges = spec.idmap?.[kind] ?? [];
  return ranges.map(({ inside, outside, count }) => makeElement(kind, { start: inside, target: outside, count }));
}

function writeFeatures({ features }: ContainerSpec): DomainElement {
  const { policy, states } = features.capabilities;
  const named = states.filter(({ name }) => CAPABILITY_NAMES.includes(name));
  return makeElement('features', {}, [
    features.privnet ? makeElement('privnet') : undefined,
    makeElement(
      'capabilities',
      { policy },
      named.map(({ name, state }) => makeElement(name, { state })),
    ),
  ]);
}

function writeLabel({ type, model, label, baselabel, relabel }: SecurityLabelSpec): DomainElement {
  const yesNo = relabel === undefined ? undefined : relabel ? 'yes' : 'no';
  return makeElement('seclabel', { type, model, relabel: yesNo }, [
    textElement('label', label),
    textElement('baselabel', baselabel),
  ]);
}
