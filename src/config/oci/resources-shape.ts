import { entries, list } from '../json/shape-lists.js';
import { object, optional, required } from '../json/shape-objects.js';
import { anyText, boolean, integer, oneOf, text } from '../json/shape-values.js';
import { anything, limit, natural, uint32 } from './value-shapes.js';

/** Table of `linux.resources`. A limit that is 0 or below is none. */

const deviceRule = object('a rule', {
  allow: required('or deny', boolean),
  type: optional('`a` (absent): all, `c`, `b`', oneOf(['a', 'c', 'b', 'u'])),
  major: optional('absent or -1: any', integer(-1, 2 ** 32 - 1)),
  minor: optional('absent or -1: any', integer(-1, 2 ** 32 - 1)),
  access: optional('letters of `rwm`; absent: all', text("letters of 'rwm'", /^[rwm]+$/)),
});

const memory = object(
  'an object',
  {
    limit: optional('bytes', limit),
    reservation: optional('bytes that are left in peace when memory is short', limit),
    swap: optional('bytes of memory and swap together', limit),
    kernel: optional('limit of kernel memory, which Linux has no more', anything('a number'), { standing: 'kept' }),
    kernelTCP: optional('bytes of TCP buffers', limit, { needs: 'cgroup v1' }),
    swappiness: optional('0 to 100', integer(0, 100), { needs: 'cgroup v1' }),
    disableOOMKiller: optional('a group out of memory waits', boolean, { needs: 'cgroup v1' }),
    useHierarchy: optional('what every group does', anything('true or false'), { standing: 'kept' }),
    checkBeforeUpdate: optional('a rule for updates', anything('true or false'), { standing: 'kept' }),
  },
  ({ limit: bytes = 0, swap = 0 }, say) => {
    if (bytes > 0 && swap > 0 && swap < bytes)
      say.error(['swap'], `must be at least the limit, ${bytes}: it is the sum`);
  },
);

const list32 = text('a list like 0-3,7', /^(\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*)?$/);

const cpu = object('an object', {
  shares: optional('weight', natural),
  quota: optional('microseconds in each period; below 0: unlimited', limit),
  burst: optional('microseconds that may be saved up', natural),
  period: optional('microseconds', integer(0, 1_000_000)),
  realtimeRuntime: optional('microseconds of real-time tasks', limit, { needs: 'cgroup v1' }),
  realtimePeriod: optional('microseconds', natural, { needs: 'cgroup v1' }),
  cpus: optional('CPU list', list32),
  mems: optional('memory nodes', list32),
  idle: optional('1: only when nobody else runs', integer(0, 1)),
});

const device = { major: required('number', uint32), minor: required('number', uint32) };
const throttle = list(object('a limit', { ...device, rate: required('per second; 0: none', natural) }));
const weight = integer(0, 1000);

const blockIO = object('an object', {
  weight: optional('10 to 1000; 0: none', weight),
  leafWeight: optional('weight of CFQ, which Linux has no more', anything('a number'), { standing: 'kept' }),
  weightDevice: optional(
    'weights of single devices',
    list(
      object('a weight', {
        ...device,
        weight: optional('10 to 1000; 0: none', weight),
        leafWeight: optional('weight of CFQ', anything('a number'), { standing: 'kept' }),
      }),
    ),
  ),
  throttleReadBpsDevice: optional('bytes read', throttle),
  throttleWriteBpsDevice: optional('bytes written', throttle),
  throttleReadIOPSDevice: optional('reads', throttle),
  throttleWriteIOPSDevice: optional('writes', throttle),
});

export const resourcesShape = object('an object', {
  devices: optional("rules in order, a later one wins; ctr's own devices stay", list(deviceRule), {
    needs: 'the device controller, or BPF',
  }),
  memory: optional('memory', memory, { needs: 'the memory controller' }),
  cpu: optional('processors', cpu, { needs: 'the cpu and cpuset controllers' }),
  pids: optional('processes and threads', object('an object', { limit: required('at most', limit) }), {
    needs: 'the pids controller',
  }),
  blockIO: optional('block devices', blockIO, { needs: 'the io or blkio controller' }),
  hugepageLimits: optional(
    'huge pages',
    list(
      object('a limit', {
        pageSize: required('like 2MB', text('a size like 2MB', /^[1-9]\d*(KB|MB|GB)$/)),
        limit: required('bytes; beyond 2^53: none', integer(0, 2 ** 64)),
      }),
    ),
    { needs: 'the hugetlb controller' },
  ),
  network: optional(
    'classes of packets',
    object('an object', {
      classID: optional('of net_cls', uint32),
      priorities: optional(
        'of net_prio',
        list(
          object('a priority', {
            name: required('link', text('a name of a link', /^[^\s/]{1,15}$/)),
            priority: required('number', uint32),
          }),
        ),
      ),
    }),
    { needs: 'cgroup v1' },
  ),
  rdma: optional(
    'RDMA devices',
    entries(
      text('a name of a device', /^[^\s/]+$/),
      object('limits', {
        hcaHandles: optional('handles', uint32),
        hcaObjects: optional('objects', uint32),
      }),
    ),
    { needs: 'the rdma controller' },
  ),
  unified: optional(
    'files of cgroup v2 and what is written to them',
    entries(text('a name of a file, like memory.high', /^[a-z0-9_]+(\.[A-Za-z0-9_-]+)+$/), anyText),
    { needs: 'cgroup v2' },
  ),
});
