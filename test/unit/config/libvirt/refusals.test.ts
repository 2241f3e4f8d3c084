import { describe, expect, test } from 'vitest';
import { formatLibvirtXml } from '../../../../src/config/index.js';
import { define, domainText } from '../domain-text.js';

const bridge = (content: string) => `<interface type='bridge'><source bridge='br0'/>${content}</interface>`;
const image = (driver: string) =>
  `<filesystem type='file'>${driver}<source file='/srv/a'/><target dir='/a'/></filesystem>`;
const drive = (attributes: string, content: string) => `<disk ${attributes}>${content}<target dev='sda'/></disk>`;

describe('what no start can give is defined, warned about once, kept, and named in the spec', () => {
  test.each([
    [bridge("<virtualport type='openvswitch'/>"), 'interface 1 asks for a virtual port profile'],
    [bridge("<vlan><tag id='42'/></vlan>"), 'interface 1 asks for a VLAN tag'],
    [bridge("<bandwidth><inbound floor='100'/></bandwidth>"), 'interface 1 asks for a guaranteed bandwidth (floor)'],
    [
      "<interface type='direct'><source dev='eth0' mode='vepa'/><bandwidth><inbound average='100'/></bandwidth></interface>",
      'interface 1 asks for a limit of bandwidth of a macvlan',
    ],
    [
      "<interface type='ethernet'><port isolated='yes'/></interface>",
      'interface 1 asks for isolation from the other ports, and is in no bridge',
    ],
    [
      bridge("<filterref filter='no-mac-spoofing'/>"),
      "interface 1 asks for the network filter 'no-mac-spoofing'; ctr has 'clean-traffic' alone",
    ],
    [
      "<interface type='direct'><source dev='eth0' mode='vepa'/><filterref filter='clean-traffic'/></interface>",
      'interface 1 asks for a network filter of a macvlan',
    ],
    [bridge("<script path='/etc/x'/>"), "interface 1 asks for a script, which libvirt's LXC driver refuses, too"],
    [bridge("<portForward proto='tcp'/>"), 'interface 1 asks for forwarding of ports'],
    ["<interface type='null'/>", "interface 1 is of type 'null', which only virtual machines have"],
    ["<interface type='null'/>", "interface 1 is of type 'null', which only virtual machines have"],
    [
      "<interface type='mcast'><source address='230.0.0.1' port='5558'/></interface>",
      "interface 1 is of type 'mcast', which only virtual machines have",
    ],
    [
      image("<driver type='nbd' format='qcow2'/>"),
      "filesystem '/a' needs qemu-nbd for its format 'qcow2', which ctr does not run",
    ],
    [
      image("<driver format='qcow2'/>"),
      "filesystem '/a' needs qemu-nbd for its format 'qcow2', which ctr does not run",
    ],
    [
      image("<driver type='loop' format='qcow2'/>"),
      "filesystem '/a' is of format 'qcow2', which no loop device can show",
    ],
    [
      "<filesystem type='template'><source name='t'/><target dir='/a'/></filesystem>",
      "filesystem '/a' is of type 'template', which no container has",
    ],
    [
      "<filesystem type='volume'><source pool='p' volume='v'/><target dir='/a'/></filesystem>",
      "filesystem '/a' is of type 'volume', which no container has",
    ],
    [
      "<filesystem type='ram'><source usage='1024'/><target dir='/'/></filesystem>",
      "filesystem '/' is of type 'ram', which cannot be the root",
    ],
    [drive("device='cdrom'", ''), "disk 'sda' has no medium"],
    [
      drive("type='network'", "<source protocol='rbd' name='x'/>"),
      "disk 'sda' is of type 'network', which only virtual machines have",
    ],
    [
      drive('', "<driver name='nbd' type='qcow2'/><source file='/a'/>"),
      "disk 'sda' needs qemu-nbd for its format 'qcow2', which ctr does not run",
    ],
    [
      drive('', "<driver name='qemu' type='raw'/><source file='/a'/>"),
      "disk 'sda' has the driver 'qemu', which only virtual machines have",
    ],
    [
      "<hostdev mode='subsystem' type='pci'><source><address bus='6'/></source></hostdev>",
      "a host device is of type 'pci', which only virtual machines have",
    ],
    [
      "<hostdev type='usb'><source><vendor id='0x1'/><product id='0x2'/></source></hostdev>",
      'USB device 0x0001:0x0002 is named by vendor and product, not by bus and device',
    ],
    ["<console type='file'><source path='/tmp/x'/></console>", "console 0 is of type 'file', not 'pty'"],
  ])('%s', (devices, reason) => {
    const definition = define(domainText({ devices }));
    expect(definition.spec.refusals).toEqual([reason]);
    const said = definition.warnings.map(({ message }) => message).filter((message) => message.includes(reason));
    expect(said).toEqual([`this can be defined, but not started: ${reason}`]);
    const again = define(formatLibvirtXml(definition));
    expect(again.spec).toEqual(definition.spec);
  });

  test.each([
    [
      "<vcpu placement='auto'>1</vcpu>",
      [
        "placement 'auto' of the CPUs is numad's, which ctr does not ask",
        "placement 'auto' of the memory is numad's, which ctr does not ask",
      ],
    ],
    [
      "<numatune><memory placement='auto'/></numatune>",
      [
        "placement 'auto' of the CPUs is numad's, which ctr does not ask",
        "placement 'auto' of the memory is numad's, which ctr does not ask",
      ],
    ],
    [
      "<vcpu cpuset='0'>1</vcpu><numatune><memory placement='auto'/></numatune>",
      ["placement 'auto' of the memory is numad's, which ctr does not ask"],
    ],
    ["<clock offset='localtime'><timer name='pit'/></clock>", ["timer 'pit' is no device that a container can have"]],
    [
      "<seclabel type='static' model='dac'><label>x</label></seclabel>",
      ["a label is of the model 'dac', which no container has"],
    ],
    [
      "<features><privnet/></features><l:namespace xmlns:l='http://libvirt.org/schemas/domain/lxc/1.0'><l:sharenet type='name' value='db'/></l:namespace>",
      ['it shares a network, and has links or a network of its own'],
    ],
  ])('%s', (body, reasons) => {
    expect(define(domainText({ body })).spec.refusals).toEqual(reasons);
  });
});

test.each([
  bridge("<port isolated='no'/>"),
  bridge("<port isolated='yes'/>"),
  bridge("<bandwidth><inbound average='100'/></bandwidth>"),
  "<interface type='network'><source network='n' portgroup='eng'/></interface>",
  bridge('<bandwidth/>'),
  bridge("<mtu size='1400'/><link state='down'/>"),
  image("<driver type='loop' format='raw'/>"),
  "<filesystem type='file'><source file='/srv/root.img'/><target dir='/'/></filesystem>",
  "<filesystem type='block'><source dev='/dev/sdb'/><target dir='/'/></filesystem>",
  "<interface type='direct'><source dev='eth0' mode='bridge'/></interface>",
])('%s can be started', (devices) => {
  expect(define(domainText({ devices })).spec.refusals).toBeUndefined();
});

test('the place of a warning is where the thing is asked for', () => {
  const { warnings } = define(domainText({ devices: `${bridge('')}\n${bridge("<vlan><tag id='1'/></vlan>")}` }));
  expect(warnings.map(({ line, column }) => [line, column])).toEqual([[8, 48]]);
});
