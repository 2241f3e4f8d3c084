import { createReport } from '../diagnostics.js';
import { quote } from '../display-text.js';
import { findMountFault } from '../mount-paths.js';
import type { ContainerSpec, FilesystemSpec, KernelMountsSpec } from '../spec.js';
import { parseValue } from './apply-line.js';
import { type Building, keep, optional, refuse } from './building.js';
import { formatValue, MAX_BYTES } from './config-lines.js';
import { type MountEntry, mountEntry, placeMountEntry } from './mount-entry.js';
import { autodev, autodevSize, mountAuto, mountEntryRow, mountFstab, rootfsOptions, rootfsPath } from './mount-rows.js';
import type { RootFilesystem } from './rootfs-path.js';
import type { Entry } from './settings.js';

type MountsPart = Required<Pick<ContainerSpec, 'filesystems' | 'kernelMounts'>>;

export function buildMounts(building: Building): MountsPart {
  const root = buildRoot(building);
  const rootPath = root !== undefined && 'source' in root ? root.source : '/';
  const filesystems: FilesystemSpec[] = root === undefined ? [] : [root];
  let ofEntries: KernelMountsSpec = {};
  for (const { value, entry } of listEntries(building)) {
    const fate = placeMountEntry(value, rootPath);
    if ('filesystem' in fate) {
      filesystems.push(fate.filesystem);
      refuseFault(fate.filesystem, entry);
    } else if ('kernel' in fate) ofEntries = { ...ofEntries, ...fate.kernel };
    else if ('refused' in fate) refuse(building, mountEntryRow.key, entry, fate.refused);
    else {
      keep(building, mountEntryRow.key, entry.value);
      entry.report.warning(entry.valueOffset, `no effect: ctr itself mounts what belongs on '${fate.own}'`);
    }
  }
  return { filesystems, kernelMounts: buildKernelMounts(building, ofEntries) };
}

function refuseFault(filesystem: FilesystemSpec, { report, valueOffset, key }: Entry): void {
  const fault = findMountFault(filesystem);
  if (fault !== undefined) report.error(valueOffset, `${quote(key)}: the ${fault.part} ${fault.reason}`);
}

function buildRoot(building: Building): FilesystemSpec | undefined {
  const { settings, options, report } = building;
  const path = settings.lastSetting(rootfsPath);
  const given =
    options.rootfs === undefined ? path?.value.filesystem : ({ type: 'mount', source: options.rootfs } as const);
  if (given !== undefined) {
    const root = withOptions(building, given);
    if (options.rootfs === undefined && path !== undefined) refuseFault(root, path.entry);
    return root;
  }
  if (path !== undefined) refuse(building, rootfsPath.key, path.entry, `storage of type ${path.value.type}`);
  else if (!settings.isSpoilt(rootfsPath))
    report.error(0, 'the file gives no root: lxc.rootfs.path is missing', '--rootfs DIR gives one');
  return undefined;
}

function withOptions(building: Building, given: RootFilesystem): FilesystemSpec {
  const setting = building.settings.lastSetting(rootfsOptions);
  const options = setting?.value;
  const part = {
    target: '/',
    readonly: options?.access === 'ro',
    ...(options === undefined || options.flags.length === 0 ? {} : { flags: options.flags }),
    ...optional('propagation', options?.propagation),
  };
  const isMapped = options?.idmap === 'container' && given.type === 'mount';
  const data = options?.data.join(',') ?? '';
  const isLost = (options?.idmap !== undefined && !isMapped) || (data !== '' && given.type !== 'block');
  if (setting !== undefined && (isLost || options?.refused !== undefined)) {
    refuse(building, rootfsOptions.key, setting.entry, `the options ${quote(setting.entry.value)} of the root`);
  }
  switch (given.type) {
    case 'mount':
      return { ...part, type: 'mount', source: given.source, accessMode: isMapped ? 'mapped' : 'passthrough' };
    case 'block':
      return { ...part, type: 'block', source: given.source, ...(data === '' ? {} : { data }) };
    default:
      return { ...part, ...given };
  }
}

/** Of the file of `lxc.mount.fstab` first, as LXC mounts them. */
function listEntries(building: Building): { readonly value: MountEntry; readonly entry: Entry }[] {
  const fstab = building.settings.lastSetting(mountFstab);
  const ofFile = fstab === undefined ? [] : readFstab(building, fstab.value, fstab.entry);
  return [...ofFile, ...building.settings.all(mountEntryRow)];
}

function readFstab(building: Building, path: string, entry: Entry): { value: MountEntry; entry: Entry }[] {
  const read = building.options.sources?.readText(path) ?? { ok: false, reason: 'this text has no files beside it' };
  if (!read.ok) {
    entry.report.error(entry.valueOffset, `cannot read ${quote(path)}: ${read.reason}`);
    return [];
  }
  const report = createReport(path, read.value);
  building.reports.push(report);
  if (Buffer.byteLength(read.value) > MAX_BYTES) {
    report.error(0, `the file is longer than ${MAX_BYTES / 1024} KiB`);
    return [];
  }
  let offset = 0;
  return read.value.split('\n').flatMap((line) => {
    const content = line.trim();
    const valueOffset = offset + line.length - line.trimStart().length;
    offset += line.length + 1;
    if (content === '' || content.startsWith('#')) return [];
    const own: Entry = { key: entry.key, value: content, offset: valueOffset, valueOffset, report };
    if (formatValue(content) === undefined) report.error(valueOffset, 'a line must not hold control characters');
    const parsed = parseValue(mountEntry, own);
    return parsed === undefined ? [] : [{ value: parsed.value, entry: own }];
  });
}

/** Always told in full: LXC mounts nothing of the kernel by itself, and what it mounts has no masks. */
function buildKernelMounts(building: Building, ofEntries: KernelMountsSpec): KernelMountsSpec {
  const { settings } = building;
  let ofWords: KernelMountsSpec = {};
  for (const { value, entry } of settings.all(mountAuto)) {
    ofWords = { ...ofWords, ...value.mounts };
    for (const word of value.kept) {
      keep(building, mountAuto.key, word);
      entry.report.warning(
        entry.valueOffset,
        `${quote(word)} has no effect: nothing is mounted into a running container`,
      );
    }
    if (value.isFull) entry.report.warning(entry.valueOffset, 'of all groups of the host, its own are in sight');
  }
  return {
    proc: 'guarded',
    sys: 'readonly',
    cgroup: 'readonly',
    ...ofEntries,
    ...ofWords,
    ...(settings.last(autodev) === false ? { dev: 'none' } : {}),
    ...optional('devSizeBytes', settings.last(autodevSize)),
  };
}
