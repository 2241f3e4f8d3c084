/** Limits of block devices and of huge pages. Pure. */
import { BLKIO_WEIGHT } from '../../cgroups/convert-weights.js';
import type { BlkioDeviceSpec, ContainerSpec } from '../spec.js';
import { type LimitRow, row, text, type Words } from './row.js';
import { devicesOf, withDevice, withField, withFile, withPart } from './spec-fields.js';
import { type Amount, count, formatSize, ofDevice, share, size, type ValueKind } from './values.js';

function deviceRow(key: string, field: Exclude<keyof BlkioDeviceSpec, 'path'>, words: Words, kind: ValueKind<Amount>) {
  const format = field === 'readBytesSec' || field === 'writeBytesSec' ? formatSize : String;
  return row(
    key,
    words,
    ofDevice(kind),
    (spec, { path, amount }) => withDevice(spec, path, field, amount),
    (spec) => devicesOf(spec, field, format),
  );
}

/** Of the kernel, at start: an operation a second in a u32. */
const MOST_IOPS = 4294967295;

export const DEVICE_LIMITS: readonly LimitRow[] = [
  row(
    'blkio.weight',
    {
      about: 'weight against other groups on block devices, in the numbers of v1; the I/O scheduler has to be bfq',
      v1: 'blkio.bfq.weight',
      v2: 'io.weight',
      others: ['weight', 'io.weight', 'blkio-weight'],
    },
    share(BLKIO_WEIGHT.least, BLKIO_WEIGHT.most),
    (spec, value) => withPart(spec, 'blkio', withField(spec.blkio ?? {}, 'weight', value)),
    ({ blkio }) => text(blkio?.weight),
  ),
  deviceRow(
    'blkio.device-weight',
    'weight',
    {
      about: 'the same for one block device',
      v1: 'blkio.bfq.weight_device',
      v2: 'io.weight',
      others: ['device-weights', 'device_weight'],
    },
    share(BLKIO_WEIGHT.least, BLKIO_WEIGHT.most),
  ),
  deviceRow(
    'blkio.read-bps',
    'readBytesSec',
    {
      about: 'bytes read from a block device in a second',
      v1: 'blkio.throttle.read_bps_device',
      v2: 'io.max',
      others: ['device-read-bytes-sec', 'device_read_bytes_sec', 'device-read-bps', 'rbps'],
    },
    size(1),
  ),
  deviceRow(
    'blkio.write-bps',
    'writeBytesSec',
    {
      about: 'bytes written to it in a second',
      v1: 'blkio.throttle.write_bps_device',
      v2: 'io.max',
      others: ['device-write-bytes-sec', 'device_write_bytes_sec', 'device-write-bps', 'wbps'],
    },
    size(1),
  ),
  deviceRow(
    'blkio.read-iops',
    'readIopsSec',
    {
      about: 'reads from it in a second',
      v1: 'blkio.throttle.read_iops_device',
      v2: 'io.max',
      others: ['device-read-iops-sec', 'device_read_iops_sec', 'device-read-iops', 'riops'],
    },
    count(1, MOST_IOPS),
  ),
  deviceRow(
    'blkio.write-iops',
    'writeIopsSec',
    {
      about: 'writes to it in a second',
      v1: 'blkio.throttle.write_iops_device',
      v2: 'io.max',
      others: ['device-write-iops-sec', 'device_write_iops_sec', 'device-write-iops', 'wiops'],
    },
    count(1, MOST_IOPS),
  ),
];

/** Of `hugetlb.2MB` and its like. */
export const HUGETLB = /^hugetlb\.([1-9]\d{0,3}[KMG]B)$/;
const hugetlbFiles = (page: string) => [`hugetlb.${page}.limit_in_bytes`, `hugetlb.${page}.max`] as const;

export const HUGETLB_LIMIT: LimitRow = {
  key: 'hugetlb.SIZE',
  about: 'memory in huge pages of this size: `hugetlb.2MB`',
  label: size(0).label,
  v1: 'hugetlb.SIZE.limit_in_bytes',
  v2: 'hugetlb.SIZE.max',
  others: ['hugepages', 'hugetlb'],
  set: (spec, value, key) => {
    const page = HUGETLB.exec(key)?.[1] ?? '';
    const files = hugetlbFiles(page);
    const read = size(0).read(value);
    if ('mustBe' in read) return read;
    if (read.value === 'none') return { value: withFile(spec, files, undefined) };
    const entry = { version: 1, file: files[0], value: String(read.value), twin: files[1] } as const;
    return { value: withFile(spec, files, entry) };
  },
  get: () => undefined,
};

/** Of each size of pages that has a limit. */
export function listHugetlb({
  cgroupFiles = [],
}: Pick<ContainerSpec, 'cgroupFiles'>): { key: string; value: string }[] {
  return cgroupFiles.flatMap(({ file, value }) => {
    const key = /^(hugetlb\.[1-9]\d{0,3}[KMG]B)\.(?:limit_in_bytes|max)$/.exec(file)?.[1];
    return key === undefined ? [] : [{ key, value: /^\d+$/.test(value) ? formatSize(Number(value)) : value }];
  });
}
