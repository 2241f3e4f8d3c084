import type { CapabilitiesSpec, ContainerSpec, InitSpec, LifecycleSpec, SecuritySpec } from '../spec.js';
import type { ElementRow } from './rows.js';
import { anyText, nonEmptyText } from './values.js';
import {
  CTR_NAMESPACE,
  CTR_PREFIX,
  child,
  children,
  content,
  listWord,
  objectWord,
  stateWord,
  text,
  textWord,
} from './word.js';
import { devicesWord } from './words-devices.js';
import { filesystemWord, kernelMountsWord, type PlacedFilesystem, rootWord } from './words-mounts.js';
import { interfaceWord, type PlacedInterface, portWord } from './words-network.js';
import { hooksWord, hostFilesWord, initWord, processWord } from './words-process.js';
import {
  autostartWord,
  cgroupFilesWord,
  idsWord,
  memoryWord,
  namespacesWord,
  notifyWord,
  type PlacedNamespace,
  pidsWord,
  signalWord,
} from './words-resources.js';
import { capabilitiesWord, maskedPathsWord, readonlyPathsWord, seccompWord } from './words-security.js';

/** What the extension says of a spec. */
export interface Extension
  extends Partial<
    Pick<
      ContainerSpec,
      | 'hostname'
      | 'domainname'
      | 'pids'
      | 'cgroupFiles'
      | 'idRange'
      | 'kernelMounts'
      | 'devices'
      | 'ports'
      | 'autostart'
      | 'process'
      | 'hooks'
      | 'hostFiles'
      | 'annotations'
      | 'refusals'
    >
  > {
  readonly memory?: ContainerSpec['memory'];
  readonly init?: Partial<InitSpec>;
  readonly namespaces?: readonly PlacedNamespace[];
  readonly capabilities?: Partial<CapabilitiesSpec>;
  readonly filesystems: readonly PlacedFilesystem[];
  readonly root?: { readonly mode: NonNullable<ContainerSpec['rootMode']> };
  readonly interfaces: readonly PlacedInterface[];
  readonly signals?: Partial<LifecycleSpec>;
  readonly notify?: { readonly ready: boolean };
  readonly seccomp?: SecuritySpec['seccomp'];
  readonly masks?: boolean;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly nesting?: boolean;
  readonly noNewPrivs?: boolean;
  readonly hostRoot?: boolean;
}

const annotation = objectWord<{ readonly name: string; readonly value: string }>('annotation', 'one text', [
  text('name', 'whose', nonEmptyText, { required: true }),
  content('value', anyText),
]);

const extension = objectWord<Extension>('container', 'what the format has no word for', [
  child(
    'hostname',
    textWord('hostname', "host name inside; when missing: made of the name; empty: the host's", anyText),
  ),
  child('domainname', textWord('domainname', 'NIS domain name', anyText)),
  child('memory', memoryWord),
  child('pids', pidsWord),
  child('cgroupFiles', cgroupFilesWord),
  child('init', initWord),
  child('process', processWord),
  child('idRange', idsWord),
  child('namespaces', namespacesWord),
  child('capabilities', capabilitiesWord),
  child('seccomp', seccompWord),
  child('masks', stateWord('masks', 'hiding of sensitive files in /proc and /sys; `on` as when missing')),
  child('maskedPaths', maskedPathsWord),
  child('readonlyPaths', readonlyPathsWord),
  child('nesting', stateWord('nesting', 'the container may mount a fresh procfs itself; `off` as when missing')),
  child('noNewPrivs', stateWord('no-new-privs', 'programs with set-user-id give nothing')),
  child(
    'hostRoot',
    stateWord('host-root', 'the id map means id 0 of the host; without `on` a start refuses one that has it'),
  ),
  children('filesystems', filesystemWord),
  child('root', rootWord),
  child('kernelMounts', kernelMountsWord),
  child('devices', devicesWord),
  children('interfaces', interfaceWord),
  child('ports', listWord('ports', 'ports of the host that lead inside', portWord)),
  child('signals', signalWord),
  child('notify', notifyWord),
  child('autostart', autostartWord),
  child('hooks', hooksWord),
  child('hostFiles', hostFilesWord),
  child('annotations', listWord('annotations', 'texts for other programs', annotation)),
  child(
    'refusals',
    listWord(
      'refusals',
      'why a start refuses: what another format asked for',
      textWord('refusal', "completes: cannot start 'NAME':", nonEmptyText),
    ),
  ),
]);

/** `<ctr:container>`: what libvirt's format has no word for. */
export const extensionRow: ElementRow = {
  ...extension.row,
  dropEmpty: true,
  finish: (read) =>
    read.children.length === 0 ? undefined : { ...read, attributes: new Map([[`xmlns:${CTR_PREFIX}`, CTR_NAMESPACE]]) },
};

export const extensionWord = { ...extension, row: extensionRow };
