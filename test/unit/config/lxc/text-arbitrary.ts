import fc from 'fast-check';

/** Texts that are right by every rule, and together use every key. */

const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
/** What a line can hold, quotes and blanks at its ends included. */
const value = fc
  .string({
    unit: fc.constantFrom('a', 'B', ' ', '\t', '"', "'", '#', '=', 'é', '\\', ','),
    minLength: 1,
    maxLength: 10,
  })
  .filter((text) => text.trim() !== '' && !/^(["'])\1$/.test(text.trim()));
const bit = fc.constantFrom('0', '1');
const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
const from = (...words: readonly string[]) => fc.constantFrom(...words);

const line = (key: string, values: fc.Arbitrary<string>) => values.map((text) => `${key} = ${text}`);
/** A key that often is not there. */
const maybe = (key: string, values: fc.Arbitrary<string>) =>
  fc.option(line(key, values), { nil: '', freq: 1 }).map((text) => (text === '' ? [] : [text]));
const some = (key: string, values: fc.Arbitrary<string>) => fc.array(line(key, values), { maxLength: 3 });
/** Names behind a key, each once. */
const family = (key: string, names: readonly string[], values: fc.Arbitrary<string>) =>
  fc
    .subarray([...names])
    .chain((chosen) => fc.tuple(...chosen.map((name) => line(`${key}.${name}`, values))))
    .map((lines) => [...lines]);

const option = from(
  'nosuid',
  'nodev',
  'noexec',
  'ro',
  'rw',
  'optional',
  'create=dir',
  'create=file',
  'rslave',
  'relatime',
  'remount',
  'lazytime',
  'suid',
  'size=8m',
  'size=10%',
  'mode=1777',
  'x-own=1',
  'idmap=container',
  'idmap=/proc/1/ns/user',
);
const options = fc.array(option, { maxLength: 5 }).map((list) => (list.length === 0 ? '' : `,${list.join(',')}`));
const target = fc.oneof(
  path,
  path.map((text) => text.slice(1)),
  from('proc', 'sys', 'sys/fs/cgroup', 'dev', 'dev/pts', '/proc', 'a\\040b\\134', '/srv/web/below'),
);
const entry = fc.oneof(
  fc.tuple(path, target, options).map(([source, to, more]) => `${source} ${to} none bind${more} 0 0`),
  fc
    .tuple(path, target, options)
    .map(([source, to, more]) => `${source.slice(1)} ${to} none rbind,relative${more} 0 0`),
  fc
    .tuple(from('proc', 'sysfs', 'tmpfs', 'cgroup2', 'devpts', 'mqueue', 'ext4', 'auto'), target, options)
    .map(
      ([fstype, to, more]) =>
        `${fstype === 'ext4' || fstype === 'auto' ? '/dev/sda1' : 'none'} ${to} ${fstype} defaults${more}`,
    ),
);

const ips = fc.oneof(
  fc.tuple(number(1, 250), number(0, 32)).map(([last, bits]) => `10.1.2.${last}/${bits}`),
  fc.tuple(number(1, 250)).map(([last]) => `10.1.2.${last}/24 10.1.2.255`),
  number(1, 250).map((last) => `10.1.2.${last}`),
);
const only: Readonly<Record<string, readonly (readonly [string, fc.Arbitrary<string>])[]>> = {
  veth: [
    ['veth.mode', from('bridge', 'router')],
    ['veth.ipv4.route', from('10.0.0.0/8', '0.0.0.0/0')],
    ['veth.ipv6.route', from('2001:db8::/32')],
    ['veth.vlan.id', from('none', '5')],
    ['veth.vlan.tagged.id', number(1, 9)],
    ['veth.n_rxqueues', number(1, 9)],
  ],
  macvlan: [['macvlan.mode', from('private', 'vepa', 'bridge', 'passthru')]],
  ipvlan: [
    ['ipvlan.mode', from('l2', 'l3', 'l3s')],
    ['ipvlan.isolation', from('bridge', 'private', 'vepa')],
  ],
  vlan: [],
  phys: [],
  empty: [],
  none: [],
};

const net = (index: number) => {
  const key = (name: string) => `lxc.net.${index * 3}.${name}`;
  return from(...Object.keys(only))
    .chain((type) => {
      const needs = ['macvlan', 'ipvlan', 'vlan', 'phys'].includes(type) || index === 1;
      return fc.tuple(
        fc.constant([`${key('type')} = ${type}`]),
        fc.constant(needs ? [`${key('link')} = eth${index}`] : []),
        fc.constant(type === 'vlan' ? [`${key('vlan.id')} = ${index + 2}`] : []),
        maybe(key('name'), fc.constant(`lan${index}`)),
        maybe(key('flags'), fc.constant('up')),
        maybe(key('hwaddr'), from('10:66:6a:xx:xx:xx', 'xx:66:6a:00:11:2x', '02:AA:bb:00:11:22')),
        maybe(key('mtu'), number(68, 9000)),
        some(key('ipv4.address'), ips),
        some(key('ipv6.address'), from('2001:db8::1/64', 'fd00::5', '2001:db8::2/128')),
        maybe(key('ipv4.gateway'), from('10.1.2.1', 'auto', 'dev')),
        maybe(key('ipv6.gateway'), from('fe80::1', 'auto', 'dev')),
        maybe(key('l2proxy'), bit),
        maybe(key('script.up'), value),
        ...(type === 'veth' ? [maybe(key('veth.pair'), fc.constant(`host${index}`))] : []),
        ...(only[type] ?? []).map(([name, values]) => maybe(key(name), values)),
      );
    })
    .map((parts) => parts.flat());
};

const command = fc.array(fc.oneof(word, from("'a b'", '"c\'d"', "''", 'x"y"z')), { maxLength: 3 });
const capability = from('sys_module', 'mac_admin', 'chown', '5', 'net_raw');
const memory = from('1073741824', '512M', '1g', 'max', '-1', '64k');
const profile = from('/p/deny', '/p/allow', 'none');
const label = from('unconfined', 'generated', 'unchanged', 'lxc-default');
const kinds = from('net', 'ipc', 'uts', 'pid', 'cgroup', 'user', 'time', 'mnt');

const lists: fc.Arbitrary<readonly string[]>[] = [
  maybe('lxc.arch', from('x86', 'amd64', 'arm64', 's390x')),
  maybe(
    'lxc.init.cmd',
    command.map((words) => ['/sbin/my-init', ...words].join(' ')),
  ),
  maybe('lxc.init.cwd', path),
  maybe('lxc.init.uid', number(0, 70000)),
  maybe('lxc.init.gid', number(0, 70000)),
  maybe('lxc.init.groups', from('1', '1,2,3')),
  maybe('lxc.execute.cmd', value),
  some(
    'lxc.environment',
    fc.oneof(
      fc.tuple(word, value).map(([name, text]) => `${name}=${text}`),
      word,
    ),
  ),
  some(
    'lxc.environment.runtime',
    fc.tuple(word, value).map(([name, text]) => `${name}=${text}`),
  ),
  some(
    'lxc.environment.hooks',
    fc.tuple(word, value).map(([name, text]) => `${name}=${text}`),
  ),
  maybe('lxc.signal.halt', from('SIGUSR1', '37', 'SIGRTMIN+5', 'SIGRTMAX-2', 'SIGCLD', '64')),
  maybe('lxc.signal.reboot', from('SIGTERM', '15')),
  maybe('lxc.signal.stop', from('SIGKILL', '9', 'SIGTERM')),
  maybe('lxc.start.auto', bit),
  maybe('lxc.start.delay', number(0, 100)),
  maybe('lxc.start.order', number(-5, 5)),
  some('lxc.group', from('onboot', 'a,b', 'c d')),
  maybe('lxc.ephemeral', bit),
  maybe('lxc.rootfs.options', from('ro', 'nosuid,ro', 'idmap=container', 'idmap=/proc/1/ns/user', 'discard,rslave')),
  maybe('lxc.rootfs.mount', path),
  some(
    'lxc.mount.auto',
    from('proc', 'proc:rw sys:ro', 'cgroup:mixed sys', 'cgroup-full:ro', 'shmounts:/a:/b proc:mixed'),
  ),
  maybe('lxc.mount.fstab', from('/p/fstab')),
  some('lxc.mount.entry', entry),
  maybe('lxc.autodev', bit),
  maybe('lxc.autodev.tmpfs.size', number(1, 10_000_000)),
  maybe('lxc.tty.max', number(0, 15)),
  maybe('lxc.tty.dir', word),
  maybe('lxc.pty.max', number(0, 2000)),
  maybe('lxc.console.path', from('none', '/dev/tty9')),
  maybe('lxc.console.size', from('auto', '5KB', '1 MB')),
  fc.oneof(
    some('lxc.cap.drop', capability),
    some('lxc.cap.keep', fc.oneof(capability, from('none', 'chown none kill'))),
  ),
  maybe('lxc.seccomp.profile', profile),
  maybe('lxc.seccomp.notify.proxy', fc.constant('unix:/run/x')),
  maybe('lxc.apparmor.profile', label),
  maybe('lxc.apparmor.allow_nesting', bit),
  some('lxc.apparmor.raw', value),
  maybe('lxc.selinux.context', from('unconfined_t', 'system_u:system_r:lxc_t:s0:c22')),
  maybe('lxc.no_new_privs', bit),
  maybe('lxc.keyring.session', bit),
  fc.oneof(some('lxc.namespace.clone', kinds), some('lxc.namespace.keep', kinds)),
  family('lxc.namespace.share', ['net', 'ipc', 'uts'], from('other', '42', '/proc/7/ns/net', '/var/lib/lxc/c3')),
  maybe('lxc.time.offset.boot', from('10m', '-3s', '5ns', '2h')),
  maybe('lxc.time.offset.monotonic', from('1ms', '7us')),
  family('lxc.prlimit', ['nofile', 'nproc', 'core'], from('1024', '10:20', 'unlimited', '5:unlimited')),
  family('lxc.sysctl', ['net.ipv4.ip_forward', 'kernel.msgmax'], from('0', '1 2 3')),
  family('lxc.proc', ['oom_score_adj', 'coredump_filter'], from('10', '-500')),
  maybe('lxc.sched.core', bit),
  maybe('lxc.hook.version', bit),
  some('lxc.hook.pre-start', value),
  some('lxc.hook.start', value),
  some('lxc.hook.post-stop', value),
  maybe('lxc.log.level', from('3', 'DEBUG')),
  maybe('lxc.log.syslog', from('daemon', 'local3')),
  maybe('lxc.cgroup.dir', from('mine', 'a/b')),
  maybe('lxc.cgroup.relative', bit),
  some('lxc.cgroup.memory.limit_in_bytes', memory),
  some('lxc.cgroup.memory.memsw.limit_in_bytes', memory),
  some('lxc.cgroup2.memory.max', memory),
  some('lxc.cgroup2.memory.high', memory),
  some('lxc.cgroup2.memory.swap.max', memory),
  some('lxc.cgroup2.memory.oom.group', bit),
  maybe('lxc.cgroup.cpu.shares', number(2, 9999)),
  some('lxc.cgroup.cpu.cfs_quota_us', from('-1', '50000')),
  some('lxc.cgroup2.cpu.max', from('max', '50000', '20000 100000', 'max 50000')),
  some('lxc.cgroup2.cpu.weight', number(1, 100)),
  maybe('lxc.cgroup2.cpuset.cpus', from('0-3,1', '2')),
  maybe('lxc.cgroup.cpuset.mems', from('0', '0-1')),
  some('lxc.cgroup2.pids.max', from('max', '100')),
  some('lxc.cgroup2.io.weight', from('100', 'default 200', '8:0 300')),
  some('lxc.cgroup2.io.max', from('8:16 rbps=100 wiops=5', '8:0 rbps=max', '8:32 riops=7')),
  some('lxc.cgroup.blkio.throttle.read_bps_device', from('8:0 1000', '8:16 0')),
  some('lxc.cgroup.devices.deny', from('a', 'c 1:3 w')),
  some('lxc.cgroup.devices.allow', from('c 10:200 rwm', 'b *:* m', 'a *:* rwm')),
  some('lxc.cgroup2.devices.deny', from('a', 'c 5:* rwm')),
  some('lxc.cgroup2.devices.allow', from('c 10:229 mrw', 'c 136:* rw', 'a')),
  some('lxc.cgroup.freezer.state', from('THAWED')),
  fc.constantFrom([], ['lxc.idmap = u 0 100000 1000', 'lxc.idmap = u 2000 5000 10', 'lxc.idmap = g 0 200000 65536']),
  net(0),
  net(1),
  net(2),
];

const root = line(
  'lxc.rootfs.path',
  from(
    '/srv/web',
    'dir:/dev/shm/web',
    '/dev/sda2',
    'overlay:/a:/b:/c',
    'loop:/img',
    'nbd:/img',
    'nbd:/img:1',
    'zfs:tank/x',
    'lvm:/dev/vg/lv',
    'btrfs:/sub',
    'dir:/a:b',
  ),
);

/** Whole texts, and the files that they name. */
export const lxcText: fc.Arbitrary<string> = fc
  .tuple(root, fc.subarray(lists, { minLength: 0 }))
  .chain(([rootLine, chosen]) => fc.tuple(...chosen).map((parts) => [rootLine, 'lxc.uts.name = web', ...parts.flat()]))
  .chain((lines) => fc.shuffledSubarray(lines, { minLength: lines.length }).map((shuffled) => typesFirst(shuffled)))
  .map((lines) => `${lines.join('\n')}\n`);

/** In a network the type comes first. */
function typesFirst(lines: readonly string[]): string[] {
  return [...lines.filter((text) => /\.type = /.test(text)), ...lines.filter((text) => !/\.type = /.test(text))];
}

export const NAMED_FILES: Readonly<Record<string, string>> = {
  '/p/deny': '2\ndenylist\nreject_force_umount\n[all]\nmknod errno 0\nioctl notify\n',
  '/p/allow': '2\nallowlist trap\n[x86_64]\nread\nopenat allow [2,0x80,SCMP_CMP_MASKED_EQ,0xff]\n[x86]\nread\n',
  '/p/fstab': '# mounts\nproc proc proc ro 0 0\n/a b none bind\n\nnone /c tmpfs size=1m,remount\n',
};
