import { createReport } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { CapabilitiesSpec, IdMapSpec, IdRange, SecurityLabelSpec, SecuritySpec } from '../spec.js';
import { type Building, keep, optional } from './building.js';
import { MAX_BYTES } from './config-lines.js';
import { readSeccompFile } from './seccomp-file.js';
import {
  apparmorNesting,
  apparmorProfile,
  capDrop,
  capKeep,
  type IdLine,
  idmap,
  noNewPrivs,
  seccompProfile,
  selinuxContext,
} from './security-rows.js';
import type { Setting } from './settings.js';

/** The kernel's bound since 4.15 (user_namespaces(7)). */
const MAX_RANGES = 340;

/** Undefined without any line: no user namespace. */
export function buildIdmap({ settings }: Building): IdMapSpec | undefined {
  const lines = settings.all(idmap);
  if (lines.length === 0 || settings.isSpoilt(idmap)) return undefined;
  return { uid: buildRanges(lines, 'uid'), gid: buildRanges(lines, 'gid') };
}

function buildRanges(all: readonly Setting<IdLine>[], kind: IdLine['kind']): IdRange[] {
  const lines = all.filter(({ value }) => value.kind === kind).sort((a, b) => a.value.inside - b.value.inside);
  const [first] = lines;
  const { report, valueOffset, key } = (first ?? all[0] ?? missing()).entry;
  if (first?.value.inside !== 0) {
    report.error(valueOffset, `${quote(key)} must map root: no ${kind} range begins at id 0 inside`);
  } else if (lines.length > MAX_RANGES) {
    report.error(valueOffset, `${lines.length} ${kind} ranges: the kernel takes ${MAX_RANGES}`);
  }
  for (const { value, entry } of lines.filter(({ value }) => value.outside === 0))
    entry.report.warning(entry.valueOffset, `a start refuses this: the ${value.kind} range has id 0 of the host`);
  checkOverlap(lines, 'inside');
  checkOverlap(
    [...lines].sort((a, b) => a.value.outside - b.value.outside),
    'outside',
  );
  return lines.map(({ value: { inside, outside, count } }) => ({ inside, outside, count }));
}

function missing(): never {
  throw new TypeError('no line');
}

function checkOverlap(sorted: readonly Setting<IdLine>[], side: 'inside' | 'outside'): void {
  for (const [index, { value }] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined || value[side] + value.count <= next.value[side]) continue;
    const where = side === 'inside' ? 'inside' : 'on the host';
    next.entry.report.error(next.entry.valueOffset, `this ${value.kind} range overlaps another one ${where}`);
  }
}

/** LXC leaves all that no line takes away. */
export function buildCapabilities({ settings }: Building): CapabilitiesSpec {
  const kept = settings.all(capKeep);
  const dropped = settings.all(capDrop);
  const [first] = kept;
  if (first !== undefined && dropped.length > 0) {
    first.entry.report.error(first.entry.offset, `${capKeep.key} and ${capDrop.key} exclude each other`);
  }
  const names = (lines: readonly Setting<readonly string[]>[]) =>
    new Set(lines.flatMap(({ value }) => afterNone(value)));
  if (first !== undefined) return { policy: 'deny', states: [...names(kept)].map((name) => ({ name, state: 'on' })) };
  return { policy: 'allow', states: [...names(dropped)].map((name) => ({ name, state: 'off' })) };
}

function afterNone(names: readonly string[]): readonly string[] {
  return names.slice(names.lastIndexOf('none') + 1);
}

export function buildSecurity(building: Building): SecuritySpec {
  const { settings } = building;
  const labels = [buildAppArmor(building), buildSelinux(building)].filter((label) => label !== undefined);
  return {
    seccomp: buildSeccomp(building),
    masks: true,
    nesting: settings.last(apparmorNesting) ?? false,
    ...(settings.last(noNewPrivs) === true ? { noNewPrivs: true } : {}),
    ...(labels.length === 0 ? {} : { labels }),
  };
}

/** A file that gives no rules has ctr's: to go without any takes a word. */
function buildSeccomp(building: Building): SecuritySpec['seccomp'] {
  const setting = building.settings.lastSetting(seccompProfile);
  if (setting === undefined) return 'os';
  const { value: path, entry } = setting;
  if (path === 'none') return 'none';
  const read = building.options.sources?.readText(path) ?? { ok: false, reason: 'this text has no files beside it' };
  if (!read.ok) {
    entry.report.error(entry.valueOffset, `cannot read ${quote(path)}: ${read.reason}`);
    return 'os';
  }
  const report = createReport(path, read.value);
  building.reports.push(report);
  if (Buffer.byteLength(read.value) > MAX_BYTES) {
    report.error(0, `the file is longer than ${MAX_BYTES / 1024} KiB`);
    return 'os';
  }
  const { profile, refusals } = readSeccompFile(read.value, report);
  for (const what of refusals) {
    building.refusals.push(`${seccompProfile.key} asks for ${what}`);
    entry.report.warning(
      entry.valueOffset,
      `this can be defined, but not started: ${seccompProfile.key} asks for ${what}`,
    );
  }
  return profile === undefined ? 'os' : { ...profile, file: path };
}

/** LXC's generated profile confines where there is AppArmor, and is nothing where there is none. */
const GENERATED: SecurityLabelSpec = { model: 'apparmor', type: 'dynamic', optional: true };

function buildAppArmor(building: Building): SecurityLabelSpec | undefined {
  const setting = building.settings.lastSetting(apparmorProfile);
  switch (setting?.value) {
    case undefined:
      return undefined;
    case 'unconfined':
      return { model: 'apparmor', type: 'none' };
    case 'generated':
      setting.entry.report.warning(
        setting.entry.valueOffset,
        'no profile is generated: a start goes without where the kernel has no AppArmor, and refuses where it has',
        "say 'unconfined', or the name of a profile that AppArmor knows",
      );
      return GENERATED;
    case 'unchanged':
      // As without the key: ctr sets none by itself.
      keep(building, apparmorProfile.key, 'unchanged');
      return undefined;
    default:
      return { model: 'apparmor', type: 'static', ...optional('label', setting?.value) };
  }
}

function buildSelinux({ settings }: Building): SecurityLabelSpec | undefined {
  const context = settings.last(selinuxContext);
  if (context === undefined) return undefined;
  return context === 'unconfined_t'
    ? { model: 'selinux', type: 'none' }
    : { model: 'selinux', type: 'static', label: context };
}
