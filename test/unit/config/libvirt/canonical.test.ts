import { expect, test } from 'vitest';
import { formatLibvirtXml } from '../../../../src/config/index.js';
import { define, domainText } from '../domain-text.js';

/** Order and completion as libvirt's own define and dumpxml have them. */

function printed(pieces: { readonly body?: string; readonly devices?: string }): string {
  const { warnings: _, ...definition } = define(domainText(pieces));
  const print = formatLibvirtXml(definition);
  expect(formatLibvirtXml(define(print))).toBe(print);
  return print;
}

test('a disk gets its bus, its address and a controller', () => {
  const devices = `<disk><target dev='sdi'/><readonly/><iotune><read_bytes_sec>11</read_bytes_sec></iotune>
<source file='/a.img'/><driver type='raw' cache='none' name='loop'/><serial>x</serial></disk>
<disk type='block' device='cdrom'><target dev='hdc'/></disk>
<disk><source file='/b.img'/><target dev='sdb'/></disk>`;
  expect(printed({ devices })).toContain(`    <disk type='file' device='disk'>
      <source file='/b.img'/>
      <target dev='sdb' bus='scsi'/>
      <address type='drive' controller='0' bus='0' target='0' unit='1'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='loop' type='raw' cache='none'/>
      <source file='/a.img'/>
      <target dev='sdi' bus='scsi'/>
      <iotune>
        <read_bytes_sec>11</read_bytes_sec>
      </iotune>
      <readonly/>
      <serial>x</serial>
      <address type='drive' controller='1' bus='0' target='0' unit='1'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='hdc' bus='ide'/>
      <readonly/>
      <address type='drive' controller='0' bus='1' target='0' unit='0'/>
    </disk>
    <controller type='scsi' index='0'/>
    <controller type='scsi' index='1'/>
    <controller type='ide' index='0'/>
`);
});

test('devices of the host stand behind the consoles', () => {
  const devices = `<hostdev type='usb'><source><address device='2' bus='1'/></source></hostdev>
<hostdev type='net' mode='capabilities'><route address='0.0.0.0' gateway='10.0.0.1'/><ip address='10.0.0.2' prefix='24'/><source><interface>eth0</interface></source></hostdev>`;
  expect(printed({ devices })).toContain(`    </console>
    <hostdev mode='subsystem' type='usb' managed='no'>
      <source>
        <address bus='1' device='2'/>
      </source>
    </hostdev>
    <hostdev mode='capabilities' type='net'>
      <source>
        <interface>eth0</interface>
      </source>
      <ip address='10.0.0.2' family='ipv4' prefix='24'/>
      <route address='0.0.0.0' gateway='10.0.0.1'/>
    </hostdev>
`);
});

test('an interface has what a switch does before the addresses', () => {
  const devices = `<interface type='direct'><mtu size='1400'/><link state='down'/><guest dev='lan9'/>
<bandwidth><outbound average='128'/><inbound burst='1024' average='1000'/></bandwidth><ip address='10.0.0.2'/>
<virtualport type='802.1Qbg'><parameters instanceid='FA9B7FFF-b0a0-4893-8e0e-beef4ff18f8f' managerid='0x12'/></virtualport>
<vlan><tag id='42'/><tag nativeMode='untagged' id='123'/></vlan><source dev='eth0'/></interface>`;
  expect(printed({ devices })).toContain(`    <interface type='direct'>
      <source dev='eth0' mode='vepa'/>
      <vlan trunk='yes'>
        <tag id='42'/>
        <tag id='123' nativeMode='untagged'/>
      </vlan>
      <virtualport type='802.1Qbg'>
        <parameters managerid='18' instanceid='fa9b7fff-b0a0-4893-8e0e-beef4ff18f8f'/>
      </virtualport>
      <bandwidth>
        <inbound average='1000' burst='1024'/>
        <outbound average='128'/>
      </bandwidth>
      <ip address='10.0.0.2' family='ipv4'/>
      <guest dev='lan9'/>
      <link state='down'/>
      <mtu size='1400'/>
    </interface>
`);
});

test('a filesystem has its attributes and limits in their form', () => {
  const devices = `<filesystem type='file' dmode='755' fmode='0644' multidevs='remap' model='virtio'><space_soft_limit>500</space_soft_limit>
<space_hard_limit unit='G'>1</space_hard_limit><readonly/><target dir='/b'/><source file='/b.img'/><driver format='raw' type='loop'/></filesystem>
<filesystem type='file'><driver format='raw'/><source file='/c.img'/><target dir='/c'/></filesystem>`;
  expect(
    printed({ devices }),
  ).toContain(`    <filesystem type='file' accessmode='passthrough' model='virtio' multidevs='remap' fmode='0644' dmode='0755'>
      <driver type='loop' format='raw'/>
      <source file='/b.img'/>
      <target dir='/b'/>
      <readonly/>
      <space_hard_limit unit='bytes'>1073741824</space_hard_limit>
      <space_soft_limit unit='bytes'>500</space_soft_limit>
    </filesystem>
    <filesystem type='file' accessmode='passthrough'>
      <source file='/c.img'/>
      <target dir='/c'/>
    </filesystem>
`);
});

test('labels say whether they are applied', () => {
  const body = `<seclabel model='selinux'/><seclabel relabel='no' model='apparmor' type='static'><label>x</label></seclabel>
<seclabel type='dynamic' model='apparmor'><baselabel>y</baselabel><imagelabel>z</imagelabel></seclabel>`;
  expect(printed({ body })).toContain(`  <seclabel type='dynamic' model='selinux' relabel='yes'/>
  <seclabel type='static' model='apparmor' relabel='no'>
    <label>x</label>
  </seclabel>
  <seclabel type='dynamic' model='apparmor' relabel='yes'>
    <baselabel>y</baselabel>
  </seclabel>
`);
});

test('limits of block devices that limit nothing vanish', () => {
  const body = `<blkiotune><device><write_bytes_sec>5</write_bytes_sec><path>/dev/sda</path><read_iops_sec>0</read_iops_sec><weight>200</weight></device>
<device><path>/dev/sdb</path><weight>0</weight></device><weight>500</weight></blkiotune>`;
  expect(printed({ body })).toContain(`  <blkiotune>
    <weight>500</weight>
    <device>
      <path>/dev/sda</path>
      <weight>200</weight>
      <write_bytes_sec>5</write_bytes_sec>
    </device>
  </blkiotune>
`);
});

test('numad that places the CPUs places the memory, too', () => {
  expect(
    printed({ body: "<vcpu placement='auto' cpuset='0'>2</vcpu><cputune><shares>9</shares></cputune>" }),
  ).toContain(`  <vcpu placement='auto'>2</vcpu>
  <cputune>
    <shares>9</shares>
  </cputune>
  <numatune>
    <memory mode='strict' placement='auto'/>
  </numatune>
`);
  const body = "<numatune><memory nodeset='0-3,^2' placement='static' mode='preferred'/></numatune>";
  expect(printed({ body })).toContain("    <memory mode='preferred' nodeset='0-1,3'/>\n");
});

test('timers and clocks have their defaults', () => {
  const timers =
    "<timer track='wall' tickpolicy='catchup' name='rtc'><catchup threshold='123' slew='120' limit='10000'/></timer><timer present='no' name='hpet'/>";
  expect(printed({ body: `<clock offset='localtime'>${timers}</clock>` })).toContain(`  <clock offset='localtime'>
    <timer name='rtc' tickpolicy='catchup' track='wall'>
      <catchup threshold='123' slew='120' limit='10000'/>
    </timer>
    <timer name='hpet' present='no'/>
  </clock>
`);
  expect(printed({ body: "<clock offset='variable'/>" })).toContain(
    "  <clock offset='variable' adjustment='0' basis='utc'/>\n",
  );
});

test('shared namespaces declare their prefix at the root, and come in their order', () => {
  const body = `<x:namespace xmlns:x='http://libvirt.org/schemas/domain/lxc/1.0'><x:shareuts value='12345' type='pid'/>
<x:sharenet type='netns' value='red'/><x:shareipc type='name' value='demo'/></x:namespace>`;
  const print = printed({ body });
  expect(print).toMatch(/^<domain type='lxc' xmlns:lxc='http:\/\/libvirt\.org\/schemas\/domain\/lxc\/1\.0'>\n/);
  expect(print).toContain(`  <lxc:namespace>
    <lxc:sharenet type='netns' value='red'/>
    <lxc:shareipc type='name' value='demo'/>
    <lxc:shareuts type='pid' value='12345'/>
  </lxc:namespace>
`);
  expect(define(print).spec.namespaces).toEqual({
    net: { kind: 'netns', name: 'red' },
    ipc: { kind: 'container', name: 'demo' },
    uts: { kind: 'pid', pid: 12345 },
  });
});

test.each([
  ['<vcpu current="2">2</vcpu>', "<vcpu placement='static'>2</vcpu>"],
  ['<vcpu current="1">2</vcpu>', "<vcpu placement='static' current='1'>2</vcpu>"],
  ['<currentMemory>0</currentMemory>', "<currentMemory unit='KiB'>65536</currentMemory>"],
  [
    "<clock offset='utc' adjustment='60'><timer name='rtc'/></clock>",
    "<clock offset='variable' adjustment='60' basis='utc'>",
  ],
  ["<clock offset='localtime' adjustment='-5'/>", "<clock offset='variable' adjustment='-5' basis='localtime'/>"],
  ["<clock offset='utc' adjustment='reset'/>", "<clock offset='utc' adjustment='reset'/>"],
  ["<memtune><min_guarantee unit='MiB'>4</min_guarantee></memtune>", "<min_guarantee unit='KiB'>4096</min_guarantee>"],
  ["<numatune><memory placement='auto'/></numatune>", "<vcpu placement='auto'>1</vcpu>"],
])('%s becomes %s', (body, line) => {
  expect(printed({ body })).toContain(`${line}\n`);
});

test.each([
  '<title></title>',
  '<description/>',
  '<memtune><min_guarantee>0</min_guarantee></memtune>',
  '<cputune><period>0</period><quota>0</quota></cputune>',
])('%s says nothing and is not printed', (body) => {
  expect(printed({ body })).toBe(printed({}));
});

test('numbers of a PCI address are hexadecimal, and all four are printed', () => {
  const devices =
    "<filesystem><source dir='/a'/><target dir='/b'/><address type='pci' slot='0xA' bus='012'/></filesystem>";
  expect(printed({ devices })).toContain(
    "      <address type='pci' domain='0x0000' bus='0x0a' slot='0x0a' function='0x0'/>\n",
  );
});

test("a console's log stands before its target", () => {
  const devices = "<console type='pty'><target port='0'/><log append='off' file='/l'/></console>";
  expect(printed({ devices })).toMatch(/<log [^>]*\/>\n {6}<target type='lxc' port='0'\/>/);
});

test.each([
  ['vnet0', ''],
  ['macvtap1', ''],
  ['vif1', "      <target dev='vif1'/>\n"],
  ['veth1', "      <target dev='veth1'/>\n"],
])('a host end named %s: what libvirt makes up is not printed', (dev, line) => {
  const devices = `<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='b'/><target dev='${dev}'/><link state='up'/></interface>`;
  expect(printed({ devices })).toContain(`      <source bridge='b'/>\n${line}      <link state='up'/>\n`);
});
