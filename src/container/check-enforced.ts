/** What `check` says of rules: which of them this host can hold a container to, and what is missing for the others. Pure. */
import { hasController } from '../cgroups/plan-groups.js';
import type { HostFacts } from '../system/host-facts.js';
import type { CheckItem } from './check.js';

type Facts = Pick<HostFacts, 'user' | 'cgroups' | 'seccomp' | 'securityModules'>;

interface Limit {
  readonly name: string;
  /** Names of its controller: of cgroup v1, of v2. */
  readonly controllers: readonly string[];
  readonly hint?: string;
}

const LIMITS: readonly Limit[] = [
  { name: 'memory', controllers: ['memory'], hint: "on the kernel's command line: cgroup_enable=memory" },
  { name: 'processes', controllers: ['pids'] },
  { name: 'cpu time', controllers: ['cpu'] },
  { name: 'cpus', controllers: ['cpuset'] },
  { name: 'block devices', controllers: ['blkio', 'io'] },
  { name: 'huge pages', controllers: ['hugetlb'] },
];

const MODULES = { apparmor: 'AppArmor', selinux: 'SELinux' } as const;

/** One line for each rule; what is asked for and is `absent` here is refused by a start. */
export function listEnforced(host: Facts): CheckItem[] {
  return [
    ...LIMITS.map((limit) => limitItem(limit, host)),
    deviceItem(host),
    host.seccomp
      ? ok('system calls', 'a filter for all ABIs of the CPU')
      : absent('system calls', 'this kernel has no seccomp filters', 'a kernel with CONFIG_SECCOMP_FILTER'),
    ...(['apparmor', 'selinux'] as const).map((module) => labelItem(module, host)),
    host.user === undefined
      ? ok('ids', 'each container has host ids of its own')
      : ok('ids', 'yours, in a user namespace of each container'),
  ];
}

function ok(name: string, detail: string): CheckItem {
  return { group: 'enforced', name, status: 'ok', detail };
}

function absent(name: string, detail: string, hint?: string): CheckItem {
  return { group: 'enforced', name, status: 'absent', detail, ...(hint === undefined ? {} : { hint }) };
}

function limitItem({ name, controllers, hint }: Limit, { cgroups, user }: Facts): CheckItem {
  const found = controllers.find((controller) => hasController(cgroups, controller));
  if (found !== undefined) return ok(name, `by cgroup ${cgroups.v1[found] === undefined ? 'v2' : 'v1'} (${found})`);
  const wanted = `no cgroup controller '${controllers.join("' or '")}'`;
  // How one is delegated stands at the cgroups already.
  return user === undefined ? absent(name, wanted, hint) : absent(name, `${wanted} is delegated to you`);
}

/** Root's rules need a controller or a program; in a user namespace the kernel opens no node that was made there. */
function deviceItem({ cgroups, user }: Facts): CheckItem {
  if (user !== undefined) return ok('devices', 'none but the few that are shown in /dev; rules are for root');
  if (cgroups.v1.devices !== undefined) return ok('devices', 'by cgroup v1 (devices)');
  if (cgroups.v2 !== undefined && cgroups.v2.takesPrograms !== false)
    return ok('devices', 'by a program on the cgroup v2 tree');
  return absent('devices', "no cgroup controller 'devices', and no cgroup v2", 'mount -t cgroup2 none /sys/fs/cgroup');
}

function labelItem(module: keyof typeof MODULES, { securityModules = [] }: Facts): CheckItem {
  const name = MODULES[module];
  if (securityModules.includes(module)) return ok(name, `labels of <seclabel model='${module}'> hold`);
  return absent(
    name,
    `this kernel has none: <seclabel model='${module}'> is refused`,
    `boot a kernel that has it with lsm=…,${module}`,
  );
}
