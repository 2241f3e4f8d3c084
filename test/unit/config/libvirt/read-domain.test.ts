import { expect, test } from 'vitest';
import { define } from '../domain-text.js';

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
    security: { seccomp: 'none', masks: false, nesting: true, labels: [{ type: 'none' }] },
  });
});
