import { describe, expect, test } from 'vitest';
import { formatNetworkXml, parseNetworkXml } from '../../../../src/config/libvirt-network/parse-network-xml.js';

const DEFAULT = `<network>
  <name>default</name>
  <uuid>9a05da11-e96b-47f3-8253-a3a482e445f5</uuid>
  <forward mode='nat'/>
  <bridge name='virbr0' stp='on' delay='0'/>
  <mac address='52:54:00:0a:cd:21'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.2' end='192.168.122.254'/>
      <host mac='52:54:00:e2:2b:45' name='mail' ip='192.168.122.10'/>
    </dhcp>
  </ip>
</network>
`;

function read(text: string) {
  const { network, diagnostics } = parseNetworkXml(text, 'net.xml');
  return { network, said: diagnostics.map(({ severity, message }) => `${severity}: ${message}`) };
}

function specOf(text: string) {
  const { network, said } = read(text);
  if (network === undefined) throw new Error(said.join('\n'));
  return network.spec;
}

describe("libvirt's network XML", () => {
  test('prints its default network as it came', () => {
    const { network } = read(DEFAULT);
    expect(network && formatNetworkXml(network.document)).toBe(
      DEFAULT.replace("<ip address='192.168.122.1'", "<ip address='192.168.122.1'"),
    );
  });

  test('means a bridge, an address and what is lent', () => {
    expect(specOf(DEFAULT)).toMatchObject({
      name: 'default',
      bridge: { name: 'virbr0', mac: '52:54:00:0a:cd:21', stp: true, delaySeconds: 0 },
      dns: { enabled: true, forwardPlainNames: true },
      forward: { mode: 'nat' },
      ips: [
        {
          family: 'ipv4',
          address: '192.168.122.1',
          prefix: 24,
          dhcp: {
            ranges: [{ start: '192.168.122.2', end: '192.168.122.254' }],
            hosts: [{ mac: '52:54:00:e2:2b:45', name: 'mail', ip: '192.168.122.10' }],
          },
        },
      ],
    });
  });

  test('puts elements and attributes into the order of libvirt, with what it adds', () => {
    const { network } = read(
      `<network><ip family='ipv6' prefix='64' address='fd00::1'/><ip address='10.1.0.1' prefix='16'/><domain localOnly='yes' name='web.internal'/><dns><host ip='10.1.0.9'><hostname>db</hostname></host><forwarder addr='9.9.9.9'/></dns><mtu size='9000'/><forward dev='eth1'/><name>web</name></network>`,
    );
    expect(network && formatNetworkXml(network.document)).toBe(`<network>
  <name>web</name>
  <forward dev='eth1' mode='nat'>
    <interface dev='eth1'/>
  </forward>
  <bridge stp='on' delay='0'/>
  <mtu size='9000'/>
  <domain name='web.internal' localOnly='yes'/>
  <dns>
    <forwarder addr='9.9.9.9'/>
    <host ip='10.1.0.9'>
      <hostname>db</hostname>
    </host>
  </dns>
  <ip family='ipv6' address='fd00::1' prefix='64'/>
  <ip address='10.1.0.1' prefix='16'/>
</network>
`);
  });

  test('is isolated without <forward>, and needs no address then', () => {
    expect(specOf('<network><name>lone</name></network>').forward).toEqual({ mode: 'none' });
  });

  test.each([
    ["<forward mode='nat'/>", "error: <forward mode='nat'> needs an <ip>: what is forwarded is what is in its network"],
    [
      "<forward mode='nta'/>",
      "error: attribute 'mode' of <forward> must be one of nat, route, open, bridge, private, vepa, passthrough, hostdev, not 'nta'",
    ],
    [
      "<ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.1.2' end='10.0.1.9'/></dhcp></ip>",
      'error: the range 10.0.1.2 to 10.0.1.9 is not in the network of 10.0.0.1',
    ],
    [
      "<ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.0.9' end='10.0.0.2'/></dhcp></ip>",
      'error: the range 10.0.0.9 to 10.0.0.2 ends before it starts',
    ],
    [
      "<ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.0.1' end='10.0.0.2'/></dhcp></ip>",
      "error: the range 10.0.0.1 to 10.0.0.2 has the host's own address 10.0.0.1 in it",
    ],
    [
      "<ip address='10.0.0.1' prefix='24'><dhcp><host mac='52:54:00:00:00:01' ip='10.0.0.1'/></dhcp></ip>",
      "error: the address 10.0.0.1 of a <host> is the host's own",
    ],
    [
      "<ip address='10.0.0.1' prefix='24' netmask='255.255.255.0'/>",
      "error: <ip> takes 'prefix' or 'netmask', not both",
    ],
    [
      "<bridge name='a name that no link has'/>",
      "error: attribute 'name' of <bridge> must be 1 to 15 characters from A-Z a-z 0-9 '_' '.' '-', not 'a name that no link has'",
    ],
    ["<forward mode='bridge'/>", "error: <forward mode='bridge'> needs <bridge name='…'/>: a bridge of the host"],
    [
      "<domain name='a,b'/>",
      "error: attribute 'name' of <domain> must be a domain name of letters, digits and hyphens between dots, not 'a,b'",
    ],
    [
      "<dns><txt name='x' value='a&#10;b'/></dns>",
      "error: attribute 'value' of <txt> must be printable text without a comma or a quotation mark, at most 255 characters, not 'a\\x0ab'",
    ],
  ])('refuses %s', (inside, message) => {
    expect(read(`<network><name>web</name>${inside}</network>`).said).toContain(message);
  });

  test('keeps what only libvirt can give, and says that no start does', () => {
    const spec = specOf("<network><name>hw</name><forward mode='hostdev'><pf dev='eth0'/></forward></network>");
    expect(spec.refusals).toEqual(["it asks for <forward mode='hostdev'>"]);
  });

  test('reads port groups, their limits, and isolation', () => {
    const spec = specOf(
      "<network><name>web</name><port isolated='yes'/><portgroup name='slow' default='yes'><bandwidth><inbound average='100' peak='200' burst='300'/></bandwidth></portgroup></network>",
    );
    expect(spec.isolated).toBe(true);
    expect(spec.portGroups).toEqual([
      {
        name: 'slow',
        isDefault: true,
        bandwidth: { inbound: { averageKBytes: 100, peakKBytes: 200, burstKBytes: 300 } },
      },
    ]);
  });
});
