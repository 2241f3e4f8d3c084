import { quote } from '../display-text.js';
import type { CgroupFileSpec, ContainerSpec, DeviceRuleSpec } from '../spec.js';
import { type Building, optional } from './building.js';
import { CGROUP_FILES } from './cgroup-files.js';
import { cgroup1, cgroup2, cgroupDir, cgroupDirContainer } from './cgroup-rows.js';
import type { CgroupFileRow, Limits } from './cgroup-values.js';
import { DEFAULT_RULES, type DeviceLine, parseDeviceLine } from './device-lines.js';
import type { Setting } from './settings.js';

type CgroupsPart = Pick<
  ContainerSpec,
  'memory' | 'cpu' | 'blkio' | 'numa' | 'pids' | 'cgroupFiles' | 'partition' | 'devices'
>;

const BY_FILE = [1, 2].map(
  (version) =>
    new Map(
      CGROUP_FILES.flatMap((row) =>
        row[version === 1 ? 'v1' : 'v2'].map((name): [string, CgroupFileRow] => [name, row]),
      ),
    ),
);

interface FileLine {
  readonly version: 1 | 2;
  readonly file: string;
  readonly setting: Setting<string>;
}

/** Both versions in the order of the lines; the last word counts. */
export function buildCgroups(building: Building): CgroupsPart {
  const { settings } = building;
  const of = (version: 1 | 2) =>
    settings.named(version === 1 ? cgroup1 : cgroup2).map(([file, setting]): FileLine => ({ version, file, setting }));
  const lines = [...of(1), ...of(2)].sort((a, b) => a.setting.order - b.setting.order);
  const limits: Limits = { devices: new Map() };
  const others: FileLine[] = [];
  const devices: Record<1 | 2, DeviceLine[]> = { 1: [], 2: [] };
  for (const line of lines) {
    const row = BY_FILE[line.version - 1]?.get(line.file);
    if (row !== undefined) setLimit(row, line, limits);
    else if (line.file === 'devices.allow' || line.file === 'devices.deny') {
      const parsed = readDeviceLine(line);
      if (parsed !== undefined) devices[line.version].push(parsed);
    } else others.push(line);
  }
  const rules = joinRules(devices[1], devices[2]);
  return { ...buildLimits(limits), ...buildFiles(building, others, limits), ...buildPlace(building), ...rules };
}

function setLimit(row: CgroupFileRow, { setting }: FileLine, limits: Limits): void {
  const { entry, value } = setting;
  if (row.set(limits, value)) return;
  entry.report.error(entry.valueOffset, `${quote(entry.key)} must be ${row.label}, not ${quote(value)}`);
}

function buildLimits(limits: Limits): Pick<CgroupsPart, 'memory' | 'cpu' | 'blkio' | 'numa' | 'pids'> {
  const { hardLimitBytes, softLimitBytes, swapBytes, quotaUs, periodUs, shares, cpuset, mems, pidsMax, weight } =
    limits;
  const both = swapBytes === undefined || hardLimitBytes === undefined ? undefined : swapBytes + hardLimitBytes;
  const devices = [...limits.devices]
    .filter(([, device]) => Object.keys(device).length > 0)
    // A print says the weights of all first.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([numbers, device]) => ({ path: `/dev/block/${numbers}`, ...device }));
  const blkio = { ...optional('weight', weight), ...(devices.length === 0 ? {} : { devices }) };
  return {
    memory: {
      ...optional('hardLimitBytes', hardLimitBytes),
      ...optional('softLimitBytes', softLimitBytes),
      ...optional('swapHardLimitBytes', limits.swapHardLimitBytes ?? both),
    },
    cpu: {
      count: 1,
      ...optional('cpuset', cpuset),
      ...optional('shares', shares),
      ...optional('periodUs', periodUs),
      ...optional('quotaUs', quotaUs),
    },
    ...(Object.keys(blkio).length === 0 ? {} : { blkio }),
    ...(mems === undefined ? {} : { numa: { mode: 'strict', nodeset: mems } }),
    ...(pidsMax === undefined ? {} : { pids: { max: pidsMax } }),
  };
}

/** What has no word is written as it is: first the files of version 1. */
function buildFiles(building: Building, others: readonly FileLine[], limits: Limits): Pick<CgroupsPart, 'cgroupFiles'> {
  const files: CgroupFileSpec[] = others.map(({ version, file, setting }) => ({ version, file, value: setting.value }));
  for (const [version, setting, name] of aloneSettings(building, limits))
    files.push({ version, file: name, value: setting });
  files.sort((a, b) => a.version - b.version);
  return files.length === 0 ? {} : { cgroupFiles: files };
}

/** Swap alone, or both together, without a limit of memory beside it: the model has no word for it. */
function aloneSettings({ settings }: Building, limits: Limits): [1 | 2, string, string][] {
  const last = settings.named(cgroup2).findLast(([name]) => name === 'memory.swap.max')?.[1].value;
  const isAlone = limits.swapBytes !== undefined && limits.hardLimitBytes === undefined && last !== undefined;
  return isAlone ? [[2, last, 'memory.swap.max']] : [];
}

function buildPlace(building: Building): Pick<CgroupsPart, 'partition'> {
  const { settings } = building;
  const dir = settings.lastSetting(cgroupDir);
  if (dir === undefined) return {};
  if (settings.last(cgroupDirContainer) !== undefined) {
    dir.entry.report.error(dir.entry.offset, `${cgroupDir.key} and ${cgroupDirContainer.key} exclude each other`);
  }
  return { partition: `/${dir.value}` };
}

function readDeviceLine({ file, setting }: FileLine): DeviceLine | undefined {
  const { entry, value } = setting;
  const line = parseDeviceLine(file === 'devices.allow', value);
  if (line === undefined) {
    entry.report.error(entry.valueOffset, `${quote(entry.key)} must be 'a', or like 'c 1:3 rwm', not ${quote(value)}`);
  }
  return line;
}

/**
 * One list of rules. Each version's lines stand for themselves, as a host has one of them. Both together allow what either does:
 * files that have both say the same twice. Where they begin differently, version 2 counts.
 */
function joinRules(v1: readonly DeviceLine[], v2: readonly DeviceLine[]): Pick<CgroupsPart, 'devices'> {
  const [first, second] = [settle(v1), settle(v2)];
  if (first === undefined && second === undefined) return {};
  const rules = second ?? first ?? [];
  if (first === undefined || second === undefined || first[0]?.allow !== second[0]?.allow) {
    return { devices: { nodes: [], rules } };
  }
  const known = new Set(second.map((rule) => JSON.stringify(rule)));
  const missing = first.filter((rule) => !known.has(JSON.stringify(rule)));
  return { devices: { nodes: [], rules: [...second.slice(0, 1), ...missing, ...second.slice(1)] } };
}

/** What counts: `a` forgets what stands before it. Without any, the lines change what ctr allows by itself. */
function settle(lines: readonly DeviceLine[]): DeviceRuleSpec[] | undefined {
  if (lines.length === 0) return undefined;
  const start = lines.findLastIndex(({ isAll }) => isAll);
  const rules = lines.slice(start + 1).map(({ rule }) => rule);
  const all = lines[start]?.rule;
  return all === undefined ? [...DEFAULT_RULES, ...rules] : [all, ...rules];
}
