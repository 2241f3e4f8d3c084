import type { CgroupFileSpec } from '../spec.js';
import type { OciResources } from './config-shape.js';

/**
 * Properties of `linux.resources` that are files of the container's group: which, and back. A file of both versions has an entry
 * for each, v1 first.
 */

interface FileValue {
  readonly v1?: string;
  readonly v2?: string;
  readonly value: string;
}

interface FileRow {
  readonly read: (resources: OciResources) => readonly FileValue[];
  /** Files that are this property's; the first group is what is named in the file's name. */
  readonly file: RegExp;
  /** The file of v2 that says the same, with `$1` for the first group. */
  readonly twin?: string;
  readonly write: (resources: Draft, value: string, named: string) => void;
}

/** What is being written. */
interface Draft {
  readonly memory: Record<string, number | boolean>;
  readonly cpu: Record<string, number>;
  readonly network: { classID?: number; priorities?: { readonly name: string; readonly priority: number }[] };
  readonly hugepageLimits: NonNullable<OciResources['hugepageLimits']>[number][];
  readonly rdma: NonNullable<OciResources['rdma']>[number][];
}

function single(value: number | undefined, v1: string, v2?: string): FileValue[] {
  return value === undefined ? [] : [{ v1, ...(v2 === undefined ? {} : { v2 }), value: String(value) }];
}

/** A number in a file. */
function plain(
  read: (resources: OciResources) => number | undefined,
  [section, key]: readonly ['memory' | 'cpu', string],
  v1: string,
  v2?: string,
): FileRow {
  return {
    read: (resources) => single(read(resources), v1, v2),
    file: new RegExp(`^${v1.replaceAll('.', '\\.')}$`),
    ...(v2 === undefined ? {} : { twin: v2 }),
    write: (draft, value) => {
      draft[section][key] = Number(value);
    },
  };
}

const ROWS: readonly FileRow[] = [
  plain(({ memory }) => memory?.swappiness, ['memory', 'swappiness'], 'memory.swappiness'),
  plain(({ memory }) => memory?.kernelTCP, ['memory', 'kernelTCP'], 'memory.kmem.tcp.limit_in_bytes'),
  {
    read: ({ memory }) => single(memory?.disableOOMKiller === true ? 1 : undefined, 'memory.oom_control'),
    file: /^memory\.oom_control$/,
    write: ({ memory }, value) => {
      memory.disableOOMKiller = value === '1';
    },
  },
  plain(({ cpu }) => cpu?.burst, ['cpu', 'burst'], 'cpu.cfs_burst_us', 'cpu.max.burst'),
  plain(({ cpu }) => cpu?.realtimePeriod, ['cpu', 'realtimePeriod'], 'cpu.rt_period_us'),
  plain(({ cpu }) => cpu?.realtimeRuntime, ['cpu', 'realtimeRuntime'], 'cpu.rt_runtime_us'),
  plain(({ cpu }) => cpu?.idle, ['cpu', 'idle'], 'cpu.idle', 'cpu.idle'),
  {
    read: ({ hugepageLimits = [] }) =>
      hugepageLimits.flatMap(({ pageSize, limit }) =>
        single(limit, `hugetlb.${pageSize}.limit_in_bytes`, `hugetlb.${pageSize}.max`),
      ),
    file: /^hugetlb\.([1-9]\d*[KMG]B)\.limit_in_bytes$/,
    twin: 'hugetlb.$1.max',
    write: ({ hugepageLimits }, value, pageSize) => void hugepageLimits.push({ pageSize, limit: Number(value) }),
  },
  {
    read: ({ network }) => single(network?.classID, 'net_cls.classid'),
    file: /^net_cls\.classid$/,
    write: ({ network }, value) => {
      network.classID = Number(value);
    },
  },
  {
    read: ({ network }) =>
      (network?.priorities ?? []).map(({ name, priority }) => ({
        v1: 'net_prio.ifpriomap',
        value: `${name} ${priority}`,
      })),
    file: /^net_prio\.ifpriomap$/,
    write: ({ network }, value) => {
      const [name = '', priority = '0'] = value.split(' ');
      network.priorities = [...(network.priorities ?? []), { name, priority: Number(priority) }];
    },
  },
  {
    read: ({ rdma = [] }) =>
      rdma.map(({ name, value }) => ({ v1: 'rdma.max', v2: 'rdma.max', value: formatRdma(name, value) })),
    file: /^rdma\.max$/,
    twin: 'rdma.max',
    write: ({ rdma }, value) => {
      const [name = '', ...limits] = value.split(' ');
      const limitOf = (key: string) => limits.find((limit) => limit.startsWith(`${key}=`))?.slice(key.length + 1);
      const [handles, objects] = [limitOf('hca_handle'), limitOf('hca_object')];
      rdma.push({
        name,
        value: {
          ...(handles === undefined ? {} : { hcaHandles: Number(handles) }),
          ...(objects === undefined ? {} : { hcaObjects: Number(objects) }),
        },
      });
    },
  },
];

function formatRdma(
  name: string,
  { hcaHandles, hcaObjects }: { readonly hcaHandles?: number; readonly hcaObjects?: number },
): string {
  return [
    name,
    ...(hcaHandles === undefined ? [] : [`hca_handle=${hcaHandles}`]),
    ...(hcaObjects === undefined ? [] : [`hca_object=${hcaObjects}`]),
  ].join(' ');
}

/** In the order of the table, then `unified` in the order of the text. */
export function readCgroupFiles(resources: OciResources): CgroupFileSpec[] {
  const files = ROWS.flatMap(({ read }) => read(resources)).flatMap(({ v1, v2, value }): CgroupFileSpec[] => [
    ...(v1 === undefined ? [] : [{ version: 1, file: v1, value } as const]),
    ...(v2 === undefined ? [] : [{ version: 2, file: v2, value } as const]),
  ]);
  const unified = (resources.unified ?? []).map(({ name, value }) => ({ version: 2, file: name, value }) as const);
  return [...files, ...unified];
}

/** What the files are in OCI's words; of v2 any other is `unified`. For any other of v1 there is no word. */
export function writeCgroupFiles(files: readonly CgroupFileSpec[]): OciResources {
  const draft: Draft = { memory: {}, cpu: {}, network: {}, hugepageLimits: [], rdma: [] };
  const unified: { readonly name: string; readonly value: string }[] = [];
  for (let index = 0; index < files.length; index += 1) {
    const { version, file, value } = files[index] as CgroupFileSpec;
    const row = version === 1 ? ROWS.find((candidate) => candidate.file.test(file)) : undefined;
    row?.write(draft, value, row.file.exec(file)?.[1] ?? '');
    if (version === 2) unified.push({ name: file, value });
    if (row !== undefined && isTwin(row, { version, file, value }, files[index + 1])) index += 1;
  }
  const filled = Object.entries({ ...draft, unified }).filter(([, part]) => Object.keys(part).length > 0);
  return Object.fromEntries(filled) as OciResources;
}

function isTwin({ file, twin }: FileRow, first: CgroupFileSpec, second: CgroupFileSpec | undefined): boolean {
  if (twin === undefined || second?.version !== 2 || second.value !== first.value) return false;
  return first.file.replace(file, twin) === second.file;
}
