import { expect, test } from 'vitest';
import { define, domainText, errorsOf, remarksOf } from '../domain-text.js';

test('the smallest domain gets its defaults', () => {
  const text =
    "<domain type='lxc'><name>web</name><memory>65536</memory><os><type>exe</type><init>/init</init></os></domain>";
  expect(define(text).spec).toEqual({
    format: 'libvirt',
    name: 'web',
    memory: { totalBytes: 64 * 1024 * 1024 },
    cpu: { count: 1 },
    init: { path: '/init', args: [], env: [] },
    features: { privnet: false, capabilities: { policy: 'default', states: [] } },
    filesystems: [],
    interfaces: [],
    consoles: [],
    lifecycle: { onPoweroff: 'destroy', onReboot: 'restart', onCrash: 'destroy' },
    security: { seccomp: 'os', masks: true, nesting: false },
  });
});

test('a domain with everything is read into the spec', () => {
  const text = `<domain type='lxc'>
  <name>web</name>
  <uuid>8369F1AC7E46e8694ca5759d51478066</uuid>
  <title>Web</title>
  <description>a &lt;b&gt; "c"</description>
  <metadata>
    <c:container xmlns:c='urn:ctr:container:1.0'>
      <c:pids max='256'/>
      <c:seccomp profile='none'/>
      <c:masks state='off'/>
      <c:nesting state='on'/>
      <c:signal stop='SIGRTMIN+3'/>
    </c:container>
  </metadata>
  <memory unit='MiB'>128</memory>
  <currentMemory unit='MiB'>128</currentMemory>
  <blkiotune><weight>500</weight></blkiotune>
  <memtune>
    <hard_limit unit='M'>100</hard_limit>
    <soft_limit unit='kb'>1</soft_limit>
    <swap_hard_limit unit='G'>1</swap_hard_limit>
  </memtune>
  <vcpu placement='static' cpuset='0-3,^2,7'>4</vcpu>
  <cputune><shares>1024</shares><period>100000</period><quota>-1</quota></cputune>
  <resource><partition>/machine/web</partition></resource>
  <os>
    <type arch='x86_64'>exe</type>
    <init>/sbin/init</init>
    <initarg>--one</initarg>
    <initarg>two three</initarg>
    <initenv name='A'>1</initenv>
    <initdir>/srv</initdir>
    <inituser>+1000</inituser>
    <initgroup>users</initgroup>
    <cmdline>quiet</cmdline>
  </os>
  <idmap>
    <uid start='1000' target='300000' count='1'/>
    <uid start='0' target='100000' count='1000'/>
    <gid start='0' target='100000' count='65536'/>
  </idmap>
  <features>
    <privnet/>
    <capabilities policy='deny'><mknod state='on'/><chown/><kill state='off'/></capabilities>
  </features>
  <clock offset='utc'/>
  <on_reboot>destroy</on_reboot>
  <devices>
    <filesystem type='mount' accessmode='mapped'><source dir='/srv/web'/><target dir='/'/><readonly/></filesystem>
    <filesystem type='bind'><source dir='/a'/><target dir='/b'/></filesystem>
    <filesystem type='ram'><source usage='1500' units='B'/><target dir='/tmp'/></filesystem>
    <interface type='network'><source network='default'/></interface>
    <interface type='bridge'>
      <mac address='52:54:0:AB:cd:ef'/>
      <source bridge='br0'/>
      <ip address='192.168.1.2'/>
      <ip address='2001:DB8::2' prefix='64' peer='2001:db8::1'/>
      <route family='ipv4' address='0.0.0.0' gateway='192.168.1.1'/>
      <route family='ipv4' address='10.0.0.0' netmask='255.255.0.0' gateway='192.168.1.1' metric='7'/>
      <target dev='web0'/>
      <guest dev='lan0'/>
      <link state='up'/>
    </interface>
    <interface type='ethernet'>
      <source>
        <ip address='10.9.0.1' prefix='30'/>
        <route family='ipv4' address='10.10.0.0' prefix='16' gateway='10.9.0.2'/>
      </source>
    </interface>
    <console type='pty'/>
    <console type='pty'/>
  </devices>
  <seclabel type='none'/>
</domain>`;
  const { spec, warnings } = define(text);
  expect(warnings).toEqual([]);
  const MiB = 1024 * 1024;
  expect(spec).toEqual({
    format: 'libvirt',
    name: 'web',
    uuid: '8369f1ac-7e46-e869-4ca5-759d51478066',
    title: 'Web',
    description: 'a <b> "c"',
    memory: { totalBytes: 128 * MiB, hardLimitBytes: 100 * MiB, softLimitBytes: 1024, swapHardLimitBytes: 1024 * MiB },
    cpu: { count: 4, cpuset: '0-1,3,7', shares: 1024, periodUs: 100000, quotaUs: -1 },
    blkio: { weight: 500 },
    pids: { max: 256 },
    partition: '/machine/web',
    arch: 'x86_64',
    init: {
      path: '/sbin/init',
      args: ['--one', 'two three'],
      env: [{ name: 'A', value: '1' }],
      dir: '/srv',
      user: '1000',
      group: 'users',
      cmdline: 'quiet',
    },
    idmap: {
      uid: [
        { inside: 0, outside: 100000, count: 1000 },
        { inside: 1000, outside: 300000, count: 1 },
      ],
      gid: [{ inside: 0, outside: 100000, count: 65536 }],
    },
    features: {
      privnet: true,
      capabilities: {
        policy: 'deny',
        states: [
          { name: 'chown', state: 'on' },
          { name: 'kill', state: 'off' },
          { name: 'mknod', state: 'on' },
        ],
      },
    },
    filesystems: [
      { type: 'mount', source: '/srv/web', target: '/', readonly: true, accessMode: 'mapped' },
      { type: 'bind', source: '/a', target: '/b', readonly: false },
      { type: 'ram', target: '/tmp', sizeBytes: 2048, readonly: false },
    ],
    interfaces: [
      { type: 'network', source: 'default', ips: [], routes: [], hostIps: [], hostRoutes: [] },
      {
        type: 'bridge',
        source: 'br0',
        mac: '52:54:00:ab:cd:ef',
        guestName: 'lan0',
        targetName: 'web0',
        linkState: 'up',
        ips: [
          { family: 'ipv4', address: '192.168.1.2', prefix: 24 },
          { family: 'ipv6', address: '2001:db8::2', prefix: 64, peer: '2001:db8::1' },
        ],
        routes: [
          { family: 'ipv4', address: '0.0.0.0', prefix: 0, gateway: '192.168.1.1' },
          { family: 'ipv4', address: '10.0.0.0', prefix: 16, gateway: '192.168.1.1', metric: 7 },
        ],
        hostIps: [],
        hostRoutes: [],
      },
      {
        type: 'ethernet',
        ips: [],
        routes: [],
        hostIps: [{ family: 'ipv4', address: '10.9.0.1', prefix: 30 }],
        hostRoutes: [{ family: 'ipv4', address: '10.10.0.0', prefix: 16, gateway: '10.9.0.2' }],
      },
    ],
    consoles: [{ type: 'pty' }, { type: 'pty' }],
    lifecycle: { onPoweroff: 'destroy', onReboot: 'destroy', onCrash: 'destroy', stopSignal: 'RTMIN+3' },
    security: { seccomp: 'none', masks: false, nesting: true },
  });
});

test('all faults of a file come together, in its order', () => {
  const text = domainText({
    name: '<name>a/b</name><uuid>x</uuid>',
    memory: '<memroy>1</memroy>',
    os: '<type>hvm</type><init>sh</init>',
    devices: "<disk/><graphics type='vnc'/><interface type='bridge'/>",
  });
  expect(remarksOf(text)).toEqual([
    '1:1 error <domain> needs <memory>',
    "2:7 error <name> must be 1 to 64 characters from A-Z a-z 0-9 '_' '.' '-', the first a letter or digit, the last no dot, not 'a/b'",
    "2:23 error <uuid> must be a uuid of 32 hexadecimal digits, not 'x'",
    '3:1 error unknown element <memroy> in <domain>; did you mean <memory>?',
    "4:11 error <type> must be 'exe', not 'hvm'",
    "4:27 error <init> must be an absolute path, not 'sh'",
    '7:1 error not supported yet: <disk> (disks)',
    '7:8 warning <graphics> has no effect in a container; it is kept',
    '7:30 error <interface> needs <source>',
  ]);
});

test('what is required and missing is said at the element that lacks it', () => {
  expect(remarksOf("<domain type='lxc'>\n<os>\n</os>\n</domain>")).toEqual([
    '1:1 error <domain> needs <name>',
    '1:1 error <domain> needs <memory>',
    '2:1 error <os> needs <type>',
    '2:1 error <os> needs <init>',
  ]);
});

test('a second element where one can be is an error that names the first', () => {
  expect(remarksOf(domainText({ name: '<name>web</name>\n<name>db</name>' }))).toEqual([
    '3:1 error a second <name> in <domain>: the first is in line 2',
  ]);
});

test.each([
  ["<domain type='kvm'/>", "1:15 error attribute 'type' of <domain> must be 'lxc', not 'kvm'"],
  ['<network/>', '1:1 error the root element must be <domain>, not <network>'],
  ["<domain xmlns='urn:x' type='lxc'/>", '1:1 error the root element must be <domain>, not <domain>'],
])('%s is refused at once', (text, fault) => {
  expect(remarksOf(text)).toEqual([fault]);
});

test('an element in the wrong place is told where it belongs', () => {
  expect(remarksOf(domainText({ body: '<init>/bin/sh</init>' }))).toEqual([
    '5:1 error unknown element <init> in <domain>; <init> belongs in <os>',
  ]);
});

test('unknown attributes are errors with the nearest name', () => {
  expect(remarksOf(domainText({ memory: "<memory units='MiB' bogus=''>1</memory>" }))).toEqual([
    "3:9 error unknown attribute 'units' of <memory>; did you mean 'unit'?",
    "3:21 error unknown attribute 'bogus' of <memory>",
  ]);
});

test('text where none belongs is an error', () => {
  expect(errorsOf(domainText({ body: '<features>privnet</features>' }))).toEqual([
    "<features> takes no text, but holds 'privnet'",
  ]);
});

test('values of element names cannot put control characters into messages', () => {
  expect(errorsOf(domainText({ body: '<title>a\u202e\nb</title>' }))).toEqual([
    String.raw`<title> must be one line of text, not 'a\u{202e}\x0ab'`,
  ]);
});

test.each(['numatune', 'disk', 'hostdev'])(
  '<%s>, on which the LXC driver acts, is an error until ctr can do it',
  (name) => {
    const text = name === 'numatune' ? domainText({ body: `<${name}/>` }) : domainText({ devices: `<${name}/>` });
    expect(errorsOf(text)).toHaveLength(1);
    expect(errorsOf(text)[0]).toMatch(new RegExp(`^not supported yet: <${name}> `));
  },
);

test('namespaces of other containers are an error, commands for another driver a warning', () => {
  const lxc =
    "<lxc:namespace xmlns:lxc='http://libvirt.org/schemas/domain/lxc/1.0'><lxc:sharenet type='name' value='x'/></lxc:namespace>";
  expect(errorsOf(domainText({ body: lxc }))).toEqual([
    'not supported yet: <namespace> (namespaces of other containers)',
  ]);
  const qemu =
    "<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:arg value='-x'/></q:commandline>";
  expect(remarksOf(domainText({ body: qemu }))).toEqual([
    '5:1 warning <commandline> has no effect in a container; it is kept',
  ]);
  expect(errorsOf(domainText({ body: "<x:y xmlns:x='urn:nobody'/>" }))).toEqual(['unknown element <y> in <domain>']);
});

test("what libvirt's dump of a running domain adds is dropped with a warning each", () => {
  const devices = `<interface type='network'>
<source network='default' portid='1-2' bridge='virbr0'/>
<target dev='vnet3'/>
<guest actual='eth0'/>
<alias name='net0'/>
</interface>`;
  const text = domainText({
    root: "type='lxc' id='77'",
    devices,
    console: "<console type='pty' tty='/dev/pts/2'><source path='/dev/pts/2'/></console>",
  });
  const { spec, warnings } = define(text);
  expect(spec.interfaces).toEqual([
    { type: 'network', source: 'default', ips: [], routes: [], hostIps: [], hostRoutes: [] },
  ]);
  expect(warnings.map(({ message }) => message)).toEqual([
    "attribute 'id' of <domain> is dropped: the number of a running domain",
    "attribute 'portid' of <source> is dropped: the port of a running domain",
    "attribute 'bridge' of <source> is dropped: the bridge of a running domain",
    "attribute 'dev' of <target> is 'vnet3': a name that libvirt makes up; ctr makes up its own",
    "attribute 'actual' of <guest> is dropped: the name inside a running domain",
    "<alias> is dropped: libvirt's name of the device in a running domain",
    "attribute 'tty' of <console> is dropped: the terminal of a running domain",
    '<source> is dropped: the terminal of a running domain',
  ]);
});

test('values of libvirt that change nothing in a container are warned about', () => {
  const body = "<clock offset='localtime'/><on_poweroff>restart</on_poweroff><on_crash>preserve</on_crash>";
  expect(define(domainText({ body })).warnings.map(({ message }) => message)).toEqual([
    "attribute 'offset' of <clock> is 'localtime': a container has the clock of its host",
    "<on_poweroff> is 'restart': kept; as in libvirt's LXC driver, the container stops",
    "<on_crash> is 'preserve': kept; as in libvirt's LXC driver, the container stops",
  ]);
});

test('without a console the definition can be made, and the warning says that it cannot be started', () => {
  expect(remarksOf(domainText({ console: '' }))).toEqual([
    "6:1 warning no <console>: this can be defined, but not started; add <console type='pty'/>",
  ]);
});
