import { describe, expect, test } from 'vitest';
import { childrenOf, type DomainElement, descendant } from '../../../../src/config/libvirt/domain-element.js';
import { formatDomain } from '../../../../src/config/libvirt/format-libvirt-xml.js';
import { readLxcLikeLibvirt } from '../../../../src/config/lxc/read-like-libvirt.js';

const HEAD = ['lxc.uts.name = web', 'lxc.rootfs.path = /srv/web'];

function convert(...lines: readonly string[]): DomainElement {
  const { definition, diagnostics } = readLxcLikeLibvirt([...HEAD, ...lines].join('\n'), { file: 'config' });
  if (definition?.document === undefined) throw new Error(JSON.stringify(diagnostics));
  return definition.document;
}

/** The print of one kind of device, or of one child of the domain. */
function print(document: DomainElement, ...path: readonly string[]): string {
  const name = path.at(-1) ?? '';
  const parent = path.length === 1 ? document : descendant(document, ...path.slice(0, -1));
  return childrenOf(parent, name)
    .map((element) => formatDomain(element))
    .join('');
}

function faults(text: string): string[] {
  const { definition, diagnostics } = readLxcLikeLibvirt(text, { file: 'config' });
  expect(definition).toBeUndefined();
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const faultsOf = (...lines: readonly string[]) => faults([...HEAD, ...lines].join('\n'));

describe('the text, as libvirt reads it', () => {
  test('a key with a dash makes the whole file wrong', () => {
    expect(faultsOf('lxc.hook.pre-start = /x')).toEqual([
      "3:1 libvirt takes letters, digits, _ and . in a key, not 'lxc.hook.pre-start = /x'",
    ]);
  });

  test('so does any line that is no assignment, even of another program', () => {
    expect(faultsOf('hello')).toEqual(["3:1 libvirt takes lines of 'key = value', not 'hello'"]);
    expect(convert('hello = 1').name).toBe('domain');
  });

  test('the first of several lines of a key counts', () => {
    expect(print(convert('lxc.cap.drop = mknod', 'lxc.cap.drop = chown'), 'features', 'capabilities')).toBe(
      "<capabilities policy='allow'>\n  <mknod state='off'/>\n</capabilities>\n",
    );
  });

  test('quotes are taken off, and a comment may follow them', () => {
    expect(print(convert(`lxc.arch = "x86_64" # mine`), 'os', 'type')).toBe("<type arch='x86_64'>exe</type>\n");
    expect(faultsOf(`lxc.arch = "x86_64" mine`)).toHaveLength(1);
  });

  test('name and root are needed', () => {
    expect(faults('lxc.arch = x86\n')).toEqual([
      '1:1 the file gives no name: lxc.uts.name is missing',
      '1:1 the file gives no root: lxc.rootfs.path is missing',
    ]);
  });

  test('what libvirt leaves out is named once', () => {
    const { diagnostics } = readLxcLikeLibvirt([...HEAD, 'lxc.autodev = 1', 'lxc.autodev = 1'].join('\n'), {
      file: 'config',
    });
    expect(diagnostics).toMatchObject([
      { severity: 'warning', line: 3, message: "libvirt's conversion leaves out 'lxc.autodev'" },
    ]);
  });
});

describe('the domain', () => {
  test('uuid and emulator are those that are given', () => {
    const { definition } = readLxcLikeLibvirt(HEAD.join('\n'), {
      file: 'c',
      uuid: 'c7a5fdbd-edaf-9455-926a-d65c16db1809',
      emulator: '/e',
    });
    expect(definition?.spec.uuid).toBe('c7a5fdbd-edaf-9455-926a-d65c16db1809');
    expect(definition?.document && print(definition.document, 'devices', 'emulator')).toBe('<emulator>/e</emulator>\n');
  });

  test.each([
    ['x86', " arch='i686'"],
    ['amd64', " arch='x86_64'"],
    ['s390x', " arch='s390x'"],
    ['arm64', ''],
  ])('the architecture %s', (arch, attribute) => {
    expect(print(convert(`lxc.arch = ${arch}`), 'os', 'type')).toBe(`<type${attribute}>exe</type>\n`);
  });

  test('limits of memory in KiB; what says no limit is left out', () => {
    const document = convert('lxc.cgroup.memory.limit_in_bytes = 1536m', 'lxc.cgroup.memory.soft_limit_in_bytes = -1');
    expect(print(document, 'memory')).toBe("<memory unit='KiB'>1572864</memory>\n");
    expect(print(document, 'memtune')).toBe("<memtune>\n  <hard_limit unit='KiB'>1572864</hard_limit>\n</memtune>\n");
  });

  test("the columns of id maps are libvirt's: target, start, count", () => {
    expect(print(convert('lxc.id_map = g 5 6 7', 'lxc.idmap = u 1 2 3'), 'idmap')).toBe(
      "<idmap>\n  <uid start='2' target='1' count='3'/>\n  <gid start='6' target='5' count='7'/>\n</idmap>\n",
    );
  });

  test('shares, quota and period; zeros say nothing', () => {
    expect(print(convert('lxc.cgroup.cpu.shares = 0', 'lxc.cgroup.cpu.cfs_period_us = 0'), 'cputune')).toBe(
      '<cputune>\n  <shares>0</shares>\n</cputune>\n',
    );
  });

  test('terminals are consoles from port 0', () => {
    expect(print(convert('lxc.tty = 2'), 'devices', 'console')).toBe(
      "<console type='pty'>\n  <target type='lxc' port='0'/>\n</console>\n<console type='pty'>\n  <target type='lxc' port='1'/>\n</console>\n",
    );
  });
});

describe('mounts', () => {
  const mounts = (...entries: readonly string[]) =>
    print(convert(...entries.map((entry) => `lxc.mount.entry = ${entry}`)), 'devices', 'filesystem')
      .split('</filesystem>\n')
      .slice(1, -1);

  test('of libvirt itself are left out', () => {
    expect(mounts('proc proc proc ro', 'sysfs /sys sysfs ro', 'x sys/fs/selinux selinuxfs ro')).toEqual([]);
  });

  test('devices below /dev, directories, and memory with its size', () => {
    expect(mounts('/dev/sda1\t/data ext4 ro', 'x run tmpfs mode=755,size=1000k')).toEqual([
      "<filesystem type='block' accessmode='passthrough'>\n  <source dev='/dev/sda1'/>\n  <target dir='/data'/>\n  <readonly/>\n",
      "<filesystem type='ram' accessmode='passthrough'>\n  <source usage='1000' units='KiB'/>\n  <target dir='/run'/>\n",
    ]);
  });

  test('too few fields, no size and a relative size are errors', () => {
    expect(faultsOf('lxc.mount.entry = a b none')).toEqual([
      "3:19 libvirt takes 'SOURCE TARGET TYPE OPTIONS', not 'a b none'",
    ]);
    expect(faultsOf('lxc.mount.entry = a b tmpfs ro')).toEqual([
      "3:19 libvirt needs the option 'size' of the tmpfs on '/b'",
    ]);
    expect(faultsOf('lxc.mount.entry = a b tmpfs size=50%')).toEqual([
      "3:19 libvirt cannot convert a relative size: '50%'",
    ]);
    expect(faultsOf('lxc.mount = /etc/fstab')).toEqual(["3:1 libvirt refuses 'lxc.mount'"]);
  });
});

describe('networks', () => {
  test('several, in either dialect: links in their order, those of the host behind the consoles', () => {
    const legacy = convert(
      'lxc.tty = 1',
      'lxc.network.type = vlan',
      'lxc.network.link = eth0',
      'lxc.network.vlan.id = 7',
      'lxc.network.ipv4.gateway = 10.0.0.1',
      'lxc.network.type = veth',
      'lxc.network.hwaddr = 2:0:0:0:0:a',
      'lxc.network.ipv6 = 2001:DB8::1/64',
      'lxc.network.type = macvlan',
      'lxc.network.link = eth1',
      'lxc.network.hwaddr = 02:00:00:00:00:0b',
    );
    const current = convert(
      'lxc.tty.max = 1',
      'lxc.net.4.type = vlan',
      'lxc.net.4.link = eth0',
      'lxc.net.2.type = veth',
      'lxc.net.2.hwaddr = 02:00:00:00:00:0a',
      'lxc.net.4.vlan.id = 7',
      'lxc.net.4.ipv4.gateway = 10.0.0.1',
      'lxc.net.9.hwaddr = 02:00:00:00:00:0b',
      'lxc.net.2.ipv6.address = 2001:db8::1/64',
      'lxc.net.9.type = macvlan',
      'lxc.net.9.link = eth1',
    );
    expect(formatDomain(current)).toBe(formatDomain(legacy));
    expect(formatDomain(current).split('    </filesystem>\n')[1]).toBe(`    <interface type='ethernet'>
      <mac address='02:00:00:00:00:0a'/>
      <ip address='2001:db8::1' family='ipv6' prefix='64'/>
      <link state='down'/>
    </interface>
    <interface type='direct'>
      <mac address='02:00:00:00:00:0b'/>
      <source dev='eth1' mode='private'/>
      <link state='down'/>
    </interface>
    <console type='pty'>
      <target type='lxc' port='0'/>
    </console>
    <hostdev mode='capabilities' type='net'>
      <source>
        <interface>eth0.7</interface>
      </source>
      <route family='ipv4' address='0.0.0.0' gateway='10.0.0.1'/>
    </hostdev>
  </devices>
</domain>
`);
  });

  test('only a file without any has a network of its own by a word', () => {
    const privnet = (...lines: readonly string[]) => descendant(convert(...lines), 'features', 'privnet') !== undefined;
    expect(privnet()).toBe(true);
    expect(privnet('lxc.net.0.type = none')).toBe(false);
    expect(privnet('lxc.net.0.type = empty')).toBe(false);
  });

  test('without an address of its own a link has zeros, which the container does not', () => {
    const { definition, diagnostics } = readLxcLikeLibvirt([...HEAD, 'lxc.net.0.type = veth'].join('\n'), {
      file: 'c',
    });
    expect(definition?.document && print(definition.document, 'devices', 'interface')).toContain(
      "<mac address='00:00:00:00:00:00'/>",
    );
    expect(definition?.spec.interfaces[0]).not.toHaveProperty('mac');
    expect(diagnostics).toMatchObject([{ severity: 'warning' }]);
  });

  test.each([
    [['lxc.net.0.type = phys'], "3:18 a network of type 'phys' needs its key 'link'"],
    [['lxc.net.0.type = ipvlan'], "3:18 libvirt converts no network of type 'ipvlan'"],
    [['lxc.net.0.mtu = 5'], "3:1 libvirt does not know 'lxc.net.0.mtu'"],
    [['lxc.network.link = x'], "3:1 libvirt needs 'lxc.network.type' before 'lxc.network.link'"],
    [['lxc.net.0.ipv4.address = 10.0.0.1'], "3:26 libvirt takes an address with its prefix, not '10.0.0.1'"],
    [
      ['lxc.net.0.type = veth', 'lxc.net.0.ipv4.gateway = auto'],
      "4:26 libvirt takes an address for 'lxc.net.0.ipv4.gateway', not 'auto'",
    ],
  ])('%s is an error', (lines, fault) => {
    expect(faultsOf(...lines)).toContain(fault);
  });
});
