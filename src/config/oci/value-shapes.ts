import { type Shape, scalar } from '../json/shape.js';
import { entries, list } from '../json/shape-lists.js';
import { type Check, object, optional, required } from '../json/shape-objects.js';
import { absolutePath, anyText, integer, text } from '../json/shape-values.js';

/** Values that several parts of a config.json have. */

export const uint32 = integer(0, 2 ** 32 - 1);
/** A user or group: the last number means "none" to the kernel. */
export const id = integer(0, 2 ** 32 - 2);
export const natural = integer(0, Number.MAX_SAFE_INTEGER);

/** A limit of 64 bits: what is no number above 0, or beyond 2^53, is none. */
export const limit = integer(-(2 ** 63), 2 ** 63);

/** 0 to 2^64-1 without rounding. */
export const exactUint64: Shape<bigint> = scalar(
  `a whole number from 0 to ${2n ** 64n - 1n}`,
  { type: 'integer', minimum: 0 },
  (node) => {
    if (node.kind !== 'number' || !/^\d{1,20}$/.test(node.text)) return {};
    const value = BigInt(node.text);
    return value < 2n ** 64n ? { value } : {};
  },
);

/** Not looked into. */
export function anything(label: string): Shape<unknown> {
  return scalar<unknown>(label, {}, () => ({ value: null }));
}

export const paths = list(absolutePath);
export const texts = list(anyText);
export const environment = list(text('NAME=value', /^[^=]+=/));
export const textEntries = entries(text('a name', /./s), anyText);

/** One line of an id map, as user_namespaces(7) has it. */
export const idMapping = object('a range of ids', {
  containerID: required('first id inside', id),
  hostID: required('first id on the host', id),
  size: required('how many', integer(1, 2 ** 32 - 1)),
});

/** The kernel's UID_GID_MAP_MAX_EXTENTS. */
const MAX_RANGES = 340;

const checkMappings: Check<
  readonly { readonly containerID: number; readonly hostID: number; readonly size: number }[]
> = (ranges, say) => {
  if (ranges.length > MAX_RANGES) say.error([], `must have at most ${MAX_RANGES} ranges: the kernel takes no more`);
  for (const side of ['containerID', 'hostID'] as const) {
    const sorted = ranges.map((range, index) => ({ range, index })).toSorted((a, b) => a.range[side] - b.range[side]);
    sorted.forEach(({ range, index }, position) => {
      const before = sorted[position - 1];
      if (range[side] + range.size > 2 ** 32 - 1) say.error([index, 'size'], 'goes beyond 4294967294, the last id');
      if (before !== undefined && range[side] < before.range[side] + before.range.size)
        say.error([index, side], `has ids that range ${before.index} has, too`);
      if (before === undefined && side === 'containerID' && range.containerID !== 0)
        say.error([index, side], 'must be 0 in one of the ranges: root inside needs an id');
    });
  }
};

export const idMappings = list(idMapping, checkMappings);

export const hook = object('a hook', {
  path: required('program: an absolute path', absolutePath),
  args: optional('argv, argv[0] included', texts),
  env: optional('its environment', environment),
  timeout: optional('seconds after which it is killed', integer(1, 2 ** 31 - 1)),
});
