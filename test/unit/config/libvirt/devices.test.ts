import { describe, expect, test } from 'vitest';
import { define, domainText, errorsOf } from '../domain-text.js';

const nodesOf = (devices: string, body = '') => define(domainText({ devices, body })).spec.devices?.nodes;

describe('disks', () => {
  const disk = (attributes: string, content: string) => `<disk ${attributes}>${content}<target dev='vda'/></disk>`;

  test('a block device is a node of that device', () => {
    expect(nodesOf(disk("type='block'", "<source dev='/dev/sda1'/>"))).toEqual([
      { path: '/dev/vda', kind: 'block', source: '/dev/sda1', access: 'rwm' },
    ]);
  });

  test('a read-only one can only be read, and a CD is always read-only', () => {
    const node = { path: '/dev/vda', kind: 'block', source: '/dev/sr0', access: 'r' };
    expect(nodesOf(disk("type='block'", "<source dev='/dev/sr0'/><readonly/>"))).toEqual([node]);
    expect(nodesOf(disk("type='block' device='cdrom'", "<source dev='/dev/sr0'/>"))).toEqual([node]);
  });

  test.each(['', "<driver name='loop'/>", "<driver type='raw'/>", "<driver name='loop' type='raw' cache='none'/>"])(
    'a raw file with %j is a node of a loop device',
    (driver) => {
      expect(nodesOf(disk('', `${driver}<source file='/srv/a.img'/>`))).toEqual([
        { path: '/dev/vda', kind: 'block', source: '/srv/a.img', loop: true, access: 'rwm' },
      ]);
    },
  );

  test('a disk without medium is an error unless one can be put in', () => {
    expect(errorsOf(domainText({ devices: disk('', '') }))).toEqual([
      "disk 'vda' needs <source>: only a cdrom or floppy may be empty",
    ]);
    expect(errorsOf(domainText({ devices: disk("device='cdrom'", '') }))).toEqual([]);
  });

  test('two disks of one name are an error', () => {
    const one = disk('', "<source file='/srv/a.img'/>");
    expect(errorsOf(domainText({ devices: `${one}\n${one}` }))).toEqual(["'vda' is already the disk of line 7"]);
  });

  test.each(['abc', 'vd', '../sda', 'sda/b', 'mem'])('the name %j is refused', (name) => {
    const devices = `<disk><source file='/a'/><target dev='${name}'/></disk>`;
    expect(errorsOf(domainText({ devices }))).toEqual([
      `attribute 'dev' of <target> must be a disk's name, like sda, vdb or hdc, not '${name}'`,
    ]);
  });
});

describe('devices of the host', () => {
  const capability = (type: string, source: string) =>
    `<hostdev mode='capabilities' type='${type}'><source>${source}</source></hostdev>`;
  const usb = (source: string) => `<hostdev mode='subsystem' type='usb'><source>${source}</source></hostdev>`;

  test.each([
    ['storage', '<block>/dev/sdf1</block>', 'block', '/dev/sdf1', '/dev/sdf1'],
    ['misc', '<char>/dev/input/event3</char>', 'char', '/dev/input/event3', '/dev/input/event3'],
    ['misc', '<char>/srv/nodes/tty7</char>', 'char', '/srv/nodes/tty7', '/dev/nodes/tty7'],
  ])('%s %s is the same node; the first directory becomes /dev', (type, source, kind, from, path) => {
    expect(nodesOf(capability(type, source))).toEqual([{ path, kind, source: from, access: 'rwm' }]);
  });

  test.each([
    ["<address bus='1' device='2'/>", '/dev/bus/usb/001/002'],
    ["<address bus='014' device='0x1f'/>", '/dev/bus/usb/012/031'],
    ["<vendor id='1234'/><product id='0xbeef'/><address bus='3' device='4'/>", '/dev/bus/usb/003/004'],
  ])('the USB device %s is %s', (source, path) => {
    expect(nodesOf(usb(source))).toEqual([{ path, kind: 'char', source: path, access: 'rwm' }]);
  });

  test('a link of the host keeps its name, addresses and routes', () => {
    const devices =
      "<hostdev mode='capabilities' type='net'><source><interface>eth0.2</interface></source><ip address='10.0.0.2' prefix='24'/><route address='0.0.0.0' gateway='10.0.0.1'/></hostdev><interface type='ethernet'/>";
    expect(define(domainText({ devices })).spec.interfaces.map(({ type }) => type)).toEqual(['ethernet', 'phys']);
    expect(define(domainText({ devices })).spec.interfaces[1]).toEqual({
      type: 'phys',
      source: 'eth0.2',
      guestName: 'eth0.2',
      ips: [{ family: 'ipv4', address: '10.0.0.2', prefix: 24 }],
      routes: [{ family: 'ipv4', address: '0.0.0.0', prefix: 0, gateway: '10.0.0.1' }],
      hostIps: [],
      hostRoutes: [],
    });
  });

  test.each([
    [capability('storage', '<block>sda</block>'), "<block> must be an absolute path, not 'sda'"],
    [capability('storage', '<block>/sda</block>'), "<block> must name something below a directory, like '/dev/sda'"],
    [capability('storage', '<block>/dev/../sda</block>'), "<block> must not contain '..'"],
    [capability('storage', '<char>/dev/sda</char>'), '<source> needs <block>'],
    [usb(''), "<hostdev> of type 'usb' needs <address bus='…' device='…'/> in its <source>"],
    [usb("<vendor id='1'/>"), '<vendor> and <product> of a USB device go together'],
    [capability('usb', "<address bus='1' device='2'/>"), "<hostdev> of type 'usb' takes no mode 'capabilities'"],
    [
      "<hostdev type='net'><source><interface>eth0</interface></source></hostdev>",
      "<hostdev> of type 'net' takes no mode 'subsystem'",
    ],
  ])('%s is refused', (devices, fault) => {
    expect(errorsOf(domainText({ devices }))).toContain(fault);
  });
});

describe('timers', () => {
  const clock = (offset: string, timers: string) => `<clock offset='${offset}'>${timers}</clock>`;

  test('with the clock at local time they are nodes that can be read', () => {
    expect(nodesOf('', clock('localtime', "<timer name='hpet'/><timer name='rtc' present='yes'/>"))).toEqual([
      { path: '/dev/hpet', kind: 'char', source: '/dev/hpet', access: 'r' },
      { path: '/dev/rtc', kind: 'char', source: '/dev/rtc0', access: 'r' },
    ]);
  });

  test('with another clock, or not present, they are none', () => {
    expect(nodesOf('', clock('utc', "<timer name='rtc'/><timer name='pit'/>"))).toBeUndefined();
    expect(nodesOf('', clock('localtime', "<timer name='rtc' present='no'/>"))).toBeUndefined();
  });
});

test('nodes come in the order of disks, devices of the host, timers', () => {
  const devices =
    "<hostdev mode='capabilities' type='misc'><source><char>/dev/fuse</char></source></hostdev><disk><source file='/a'/><target dev='vda'/></disk>";
  const body = "<clock offset='localtime'><timer name='rtc'/></clock>";
  expect(nodesOf(devices, body)?.map(({ path }) => path)).toEqual(['/dev/vda', '/dev/fuse', '/dev/rtc']);
});
