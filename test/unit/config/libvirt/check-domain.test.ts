import { describe, expect, test } from 'vitest';
import { define, domainText, errorsOf, remarksOf } from '../domain-text.js';

describe('idmap', () => {
  const map = (uid: string, gid = "<gid start='0' target='100000' count='1000'/>") =>
    domainText({ body: `<idmap>\n${uid}\n${gid}\n</idmap>` });
  const uid = (start: number, target: number, count: number) =>
    `<uid start='${start}' target='${target}' count='${count}'/>`;

  test.each([
    [
      'ranges that overlap inside',
      map(uid(0, 100000, 10) + uid(9, 200000, 1)),
      'this uid range overlaps the one of line 6 inside',
    ],
    [
      'ranges that overlap on the host',
      map(uid(0, 100000, 10) + uid(10, 100009, 1)),
      'this uid range overlaps the one of line 6 on the host',
    ],
    ['a map without root', map(uid(1, 100000, 10)), '<idmap> must map root: the first <uid> must start at 0, not 1'],
    ['a map of one kind', map('', ''), undefined],
    ['a map of uids only', map(uid(0, 100000, 10), ''), '<idmap> maps uids but no gids: it must map both'],
    ['a map of gids only', map(''), '<idmap> maps gids but no uids: it must map both'],
    [
      'a count of zero',
      map(uid(0, 100000, 0)),
      "attribute 'count' of <uid> must be a whole number from 1 to 4294967295, not '0'",
    ],
    [
      'a range beyond the last host id',
      map(uid(0, 4294967290, 6)),
      'the uid range from target 4294967290 goes beyond the last id, 4294967294',
    ],
    ['a range up to the last host id', map(uid(0, 4294967290, 5)), undefined],
    [
      'a range beyond the last id inside',
      map(uid(0, 1, 1) + uid(4294967294, 5, 2)),
      'the uid range from start 4294967294 goes beyond the last id, 4294967294',
    ],
    ['a line without target', map("<uid start='0' count='1'/>"), "<uid> needs the attribute 'target'"],
  ])('%s', (_, text, fault) => {
    expect(errorsOf(text)).toEqual(fault === undefined ? [] : [fault]);
  });

  test('the kernel takes 340 lines', () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, index) => uid(index, 100000 + index, 1)).join('');
    expect(errorsOf(map(lines(340)))).toEqual([]);
    expect(errorsOf(map(lines(341)))).toEqual(['<idmap> has 341 lines of <uid>: the kernel takes 340']);
  });

  test('an overlap is shown at the later of the two lines', () => {
    expect(remarksOf(map(`${uid(5, 300, 10)}\n${uid(0, 100, 6)}`))[0]).toMatch(
      /^7:13 error this uid range overlaps the one of line 6 inside/,
    );
  });
});

describe('filesystems', () => {
  const mount = (target: string, type = 'mount') =>
    domainText({ devices: `<filesystem type='${type}'><source dir='/srv'/><target dir='${target}'/></filesystem>` });

  test.each(['/proc', '/proc/', '//proc', '/proc/sys', '/./proc/self', '/sys', '/dev', '/dev/'])(
    'a volume on %s is refused',
    (target) => {
      expect(errorsOf(mount(target))).toEqual([expect.stringContaining(': ctr mounts it itself')]);
    },
  );

  test.each(['/', '/procs', '/dev/shm', '/sys/fs/bpf', '/srv/proc'])('a volume on %s is fine', (target) => {
    expect(errorsOf(mount(target))).toEqual([]);
  });

  test.each([
    ['srv', "attribute 'dir' of <target> must be an absolute path, not 'srv'"],
    ['/a/../proc', "attribute 'dir' of <target> must not contain '..'"],
    ['', "attribute 'dir' of <target> must be an absolute path, not ''"],
  ])('the target %j is refused', (target, fault) => {
    expect(errorsOf(mount(target))).toEqual([fault]);
  });

  test('types that libvirt knows and types that nobody knows are told apart', () => {
    expect(errorsOf(mount('/a', 'block'))).toEqual([
      "<source> needs the attribute 'dev'",
      "unknown attribute 'dir' of <source>",
    ]);
    expect(remarksOf(mount('/a', 'monut'))).toEqual([
      "7:19 error unknown type 'monut' of <filesystem>; did you mean 'mount'?",
    ]);
    expect(remarksOf(mount('/a', 'constructor'))[0]).toMatch(/^7:19 error unknown type 'constructor'/);
  });

  test('a root that cannot be started and a mapping without map are warned about', () => {
    expect(define(mount('/', 'bind')).warnings.map(({ message }) => message)).toEqual([
      "this can be defined, but not started: filesystem '/' is of type 'bind', which cannot be the root",
    ]);
    const devices = "<filesystem accessmode='mapped'><source dir='/srv'/><target dir='/'/></filesystem>";
    expect(define(domainText({ devices })).warnings.map(({ message }) => message)).toEqual([
      "accessmode 'mapped' has no effect without an <idmap>",
    ]);
  });
});

describe('interfaces', () => {
  const link = (content: string) => `<interface type='bridge'><source bridge='br0'/>${content}</interface>`;
  const links = (...contents: readonly string[]) =>
    domainText({ devices: contents.map((content) => link(content)).join('\n') });

  test.each([
    [
      "<mac address='53:54:00:00:00:01'/>",
      "attribute 'address' of <mac> must be a unicast address, and this is a multicast one",
    ],
    ["<mac address='00:00:00:00:00:00'/>", "attribute 'address' of <mac> must not be all zeros"],
    [
      "<mac address='52:54:00:00:00'/>",
      "attribute 'address' of <mac> must be six bytes like '52:54:00:12:34:56', not '52:54:00:00:00'",
    ],
    ["<ip address='10.0.0.256'/>", "attribute 'address' of <ip> must be an IPv4 or IPv6 address, not '10.0.0.256'"],
    ["<ip address='10.0.0.1' prefix='33'/>", "attribute 'prefix' of an IPv4 address must be at most 32, not '33'"],
    ["<ip address='::1' prefix='129'/>", "attribute 'prefix' of <ip> must be a whole number from 0 to 128, not '129'"],
    ["<ip address='::1' family='ipv4'/>", "attribute 'address' of <ip> must be an ipv4 address, not '::1'"],
    ["<ip address='10.0.0.1' peer='::1'/>", "attribute 'peer' of <ip> must be an ipv4 address, not '::1'"],
    ["<ip address='224.0.0.1'/>", "<ip> needs the attribute 'prefix': this address has no class"],
    ['<ip/>', "<ip> needs the attribute 'address'"],
    ["<route address='10.0.0.0'/>", "<route> needs the attribute 'gateway'"],
    [
      "<route address='10.0.0.0' prefix='8' netmask='255.0.0.0' gateway='10.0.0.1'/>",
      "<route> takes 'prefix' or 'netmask', not both",
    ],
    [
      "<route address='2001:db8::' netmask='255.0.0.0' gateway='2001:db8::1'/>",
      "attribute 'netmask' of <route> must be an ipv6 address, not '255.0.0.0'",
    ],
    [
      "<route address='10.0.0.0' netmask='255.0.255.0' gateway='10.0.0.1'/>",
      "attribute 'netmask' must be ones, then zeros",
    ],
    [
      "<route address='10.0.0.1' prefix='8' gateway='10.0.0.1'/>",
      "attribute 'address' of <route> must be a network, but '10.0.0.1' has bits behind its prefix of 8",
    ],
    ["<route address='0.0.0.0' gateway='::1'/>", "attribute 'gateway' of <route> must be an ipv4 address, not '::1'"],
    [
      "<route address='0.0.0.0' gateway='10.0.0.1' metric='0'/>",
      "attribute 'metric' of <route> must be a whole number from 1 to 4294967295, not '0'",
    ],
    [
      "<guest dev='sixteen-bytes-xx'/>",
      "attribute 'dev' of <guest> must be 1 to 15 characters from A-Z a-z 0-9 '_' '.' '-', not 'sixteen-bytes-xx'",
    ],
    [
      "<guest dev='eth%d'/>",
      "attribute 'dev' of <guest> must be 1 to 15 characters from A-Z a-z 0-9 '_' '.' '-', not 'eth%d'",
    ],
    ["<guest dev='lo'/>", "attribute 'dev' of <guest> must not be 'lo', the loopback device"],
    [
      "<guest dev='..'/>",
      "attribute 'dev' of <guest> must be 1 to 15 characters from A-Z a-z 0-9 '_' '.' '-', not '..'",
    ],
    ["<link state='maybe'/>", "attribute 'state' of <link> must be one of up, down, not 'maybe'"],
    ["<mtu size='67'/>", "attribute 'size' of <mtu> must be a whole number from 68 to 65535, not '67'"],
    ['<vlan/>', '<vlan> needs <tag>'],
    [
      "<virtualport type='802.1Qbx'/>",
      "attribute 'type' of <virtualport> must be one of 802.1Qbg, 802.1Qbh, openvswitch, midonet, not '802.1Qbx'",
    ],
    [
      "<virtualport type='802.1Qbh'><parameters managerid='1'/></virtualport>",
      "attribute 'managerid' of <parameters> has no place in a virtual port of type '802.1Qbh'",
    ],
    ['<source/>', 'a second <source> in <interface>: the first is in line 7'],
  ])('%s is refused', (content, fault) => {
    const faults = errorsOf(links(content));
    expect(faults[0]).toBe(fault);
  });

  test('two links of one name are refused, inside and on the host', () => {
    expect(errorsOf(links("<guest dev='lan0'/>", "<guest dev='lan0'/>"))).toEqual([
      "'lan0' is already the name in line 7",
    ]);
    expect(errorsOf(links("<target dev='web0'/>", "<target dev='web0'/>"))).toEqual([
      "'web0' is already the name in line 7",
    ]);
  });

  test('a name that a nameless interface gets counts, too', () => {
    expect(remarksOf(links("<guest dev='eth0'/>", ''))).toEqual([
      "7:60 error 'eth0' is also the name that the interface of line 8 gets; name that one, too",
    ]);
    expect(errorsOf(links("<guest dev='eth1'/>", ''))).toEqual([]);
  });

  test('a link of the host keeps its name, which no other may have', () => {
    const physical = (name: string) =>
      `<hostdev mode='capabilities' type='net'><source><interface>${name}</interface></source></hostdev>`;
    expect(errorsOf(domainText({ devices: link("<guest dev='lan0'/>") + physical('lan0') }))).toEqual([
      "'lan0' is already the name in line 7",
    ]);
    expect(errorsOf(domainText({ devices: link('') + physical('eth0') }))).toEqual([
      "'eth0' is also the name that the interface of line 7 gets",
    ]);
    expect(errorsOf(domainText({ devices: link('') + physical('eth1') }))).toEqual([]);
  });

  test('host addresses are for free ends only', () => {
    const devices = "<interface type='bridge'><source bridge='br0'><ip address='10.0.0.1'/></source></interface>";
    expect(errorsOf(domainText({ devices }))).toEqual(['unknown element <ip> in <source>']);
  });
});
