import type { CgroupFileSpec } from '../spec.js';
import type { OciResources } from './config-shape.js';

/** Properties of `linux.resources` that are files of the container's group: which, and back. */

interface FileRow {
  readonly read: (resources: OciResources) => readonly CgroupFileSpec[];
  /** Files of v1 that are this property's; the first group is what is named in the file's name. */
  readonly file: RegExp;
  readonly write: (resources: Draft, value: string, named: string) => void;
}

/** What is being written. */
interface Draft {
  readonly memory: Record<string, number | boolean | undefined>;
  readonly cpu: Record<string, number | undefined>;
  readonly network: { classID?: number | undefined };
  readonly priorities: { readonly name: string; readonly priority: number | undefined }[];
  readonly hugepageLimits: { readonly pageSize: string; readonly limit: number | undefined }[];
  readonly rdma: NonNullable<OciResources['rdma']>[number][];
}

function single(value: number | string | undefined, file: string, twin?: string): CgroupFileSpec[] {
  if (value === undefined) return [];
  return [{ version: 1, file, value: String(value), ...(twin === undefined ? {} : { twin }) }];
}

/** Another format may have written anything: what is no number is left out. */
function numberOf(value: string): number | undefined {
  return /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** No other is a limit; some programs write 2^63-1 less a page for none. */
function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** A number in a file. */
function plain(
  read: (resources: OciResources) => number | undefined,
  [section, key]: readonly ['memory' | 'cpu', string],
  file: string,
  twin?: string,
): FileRow {
  return {
    read: (resources) => single(read(resources), file, twin),
    file: new RegExp(`^${file.replaceAll('.', '\\.')}$`),
    write: (draft, value) => {
      draft[section][key] = numberOf(value);
    },
  };
}

const ROWS: readonly FileRow[] = [
  // What is left to it under pressure, as runc and crun have it: on v2 a protection, not the throttle that is `memory.high`.
  plain(
    ({ memory }) => positive(memory?.reservation),
    ['memory', 'reservation'],
    'memory.soft_limit_in_bytes',
    'memory.low',
  ),
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
        limit > Number.MAX_SAFE_INTEGER
          ? []
          : single(limit, `hugetlb.${pageSize}.limit_in_bytes`, `hugetlb.${pageSize}.max`),
      ),
    file: /^hugetlb\.([1-9]\d*[KMG]B)\.limit_in_bytes$/,
    write: ({ hugepageLimits }, value, pageSize) => void hugepageLimits.push({ pageSize, limit: numberOf(value) }),
  },
  {
    read: ({ network }) => single(network?.classID, 'net_cls.classid'),
    file: /^net_cls\.classid$/,
    write: ({ network }, value) => {
      network.classID = numberOf(value);
    },
  },
  {
    read: ({ network }) =>
      (network?.priorities ?? []).flatMap(({ name, priority }) => single(`${name} ${priority}`, 'net_prio.ifpriomap')),
    file: /^net_prio\.ifpriomap$/,
    write: ({ priorities }, value) => {
      const [name = '', priority = ''] = value.split(' ');
      priorities.push({ name, priority: numberOf(priority) });
    },
  },
  {
    read: ({ rdma = [] }) => rdma.flatMap(({ name, value }) => single(formatRdma(name, value), 'rdma.max', 'rdma.max')),
    file: /^rdma\.max$/,
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
  const unified = (resources.unified ?? []).map(({ name, value }) => ({ version: 2, file: name, value }) as const);
  return [...ROWS.flatMap(({ read }) => read(resources)), ...unified];
}

/** What the files are in OCI's words; those of v2 are `unified`. For any other of v1 there is no word. */
export function writeCgroupFiles(files: readonly CgroupFileSpec[]): OciResources {
  const { priorities, ...draft }: Draft = {
    memory: {},
    cpu: {},
    network: {},
    priorities: [],
    hugepageLimits: [],
    rdma: [],
  };
  const unified: { readonly name: string; readonly value: string }[] = [];
  for (const { version, file, value } of files) {
    const row = version === 1 ? ROWS.find((candidate) => candidate.file.test(file)) : undefined;
    row?.write({ ...draft, priorities }, value, row.file.exec(file)?.[1] ?? '');
    if (version === 2) unified.push({ name: file, value });
  }
  const network = { ...draft.network, ...(priorities.length === 0 ? {} : { priorities }) };
  const filled = Object.entries({ ...draft, network, unified }).filter(([, part]) => Object.keys(part).length > 0);
  return Object.fromEntries(filled) as OciResources;
}
