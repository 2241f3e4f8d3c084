import { describe, expect, test } from 'vitest';
import { parseNetworkXml } from '../../../src/config/libvirt-network/parse-network-xml.js';
import { formatDnsmasq, formatReserved, needsNameServer } from '../../../src/network/format-dnsmasq.js';

function specOf(inner: string) {
  const { network, diagnostics } = parseNetworkXml(`<network><name>n</name>${inner}</network>`, 'n.xml');
  if (network === undefined) throw new Error(JSON.stringify(diagnostics));
  return network.spec;
}

const linesOf = (inner: string) => formatDnsmasq(specOf(inner), 'br9', 'nobody').trimEnd().split('\n');
const IP = "<ip address='10.7.0.1' prefix='24'/>";
const DHCP = "<ip address='10.7.0.1' prefix='24'><dhcp><range start='10.7.0.9' end='10.7.0.20'/></dhcp></ip>";

describe('needsNameServer', () => {
  test.each([
    [IP, 'wanted'],
    [`<dns enable='no'/>${IP}`, 'no'],
    ['', 'no'],
    [DHCP, 'required'],
    [`<dns enable='no'/>${DHCP}`, 'required'],
    [`<dns><txt name='a.b' value='c'/></dns>${IP}`, 'required'],
    ["<forward mode='bridge'/><bridge name='br0'/>", 'no'],
  ])('%s: %s', (inner, expected) => {
    expect(needsNameServer(specOf(inner))).toBe(expected);
  });
});

describe('formatDnsmasq', () => {
  test('listens on the bridge alone, as nobody', () => {
    const lines = linesOf(IP);
    expect(lines).toEqual(
      expect.arrayContaining(['user=nobody', 'bind-dynamic', 'interface=br9', 'except-interface=lo', 'no-hosts']),
    );
    expect(lines.filter((line) => line.startsWith('dhcp'))).toEqual([]);
    expect(lines.some((line) => line.startsWith('listen-address'))).toBe(false);
  });

  test('asks nobody else in a network that leads nowhere', () => {
    expect(linesOf(IP)).toContain('no-resolv');
    expect(linesOf(`<forward mode='nat'/>${IP}`)).not.toContain('no-resolv');
    expect(linesOf(`<forward mode='nat'/><dns><forwarder addr='9.9.9.9'/></dns>${IP}`)).toEqual(
      expect.arrayContaining(['no-resolv', 'server=9.9.9.9']),
    );
  });

  test('says domain, records, forwarders and plain names as asked', () => {
    const text = `<domain name='n.internal' localOnly='yes'/><dns forwardPlainNames='no'>
      <forwarder domain='corp.example'/><txt name='t.n.internal' value='some text'/>
      <srv service='http' protocol='tcp' domain='n.internal' target='w.n.internal' port='80' weight='5'/>
      <host ip='10.7.0.5'><hostname>p</hostname><hostname>q</hostname></host></dns>
      <ip address='10.7.0.1' prefix='24' localPtr='yes'/>`;
    expect(linesOf(text)).toEqual(
      expect.arrayContaining([
        'domain=n.internal',
        'local=/n.internal/',
        'domain-needed',
        'local=//',
        'server=/corp.example/#',
        'rev-server=10.7.0.0/24',
        'host-record=p,q,10.7.0.5',
        'txt-record=t.n.internal,some text',
        'srv-host=_http._tcp.n.internal,w.n.internal,80,0,5',
      ]),
    );
  });

  test('lends addresses, and nobody a name', () => {
    const text = `<mtu size='1400'/><dns enable='no'/><ip address='10.7.0.1' prefix='20'><dhcp>
      <range start='10.7.0.9' end='10.7.0.20'><lease expiry='0'/></range>
      <range start='10.7.1.9' end='10.7.1.20'><lease expiry='10' unit='seconds'/></range>
      <host mac='52:54:00:00:00:09' name='w' ip='10.7.0.8'/></dhcp></ip>
      <ip family='ipv6' address='fd07::1' prefix='64'/>`;
    expect(linesOf(text)).toEqual(
      expect.arrayContaining([
        'port=0',
        'dhcp-ignore-names',
        'dhcp-range=10.7.0.9,10.7.0.20,255.255.240.0,infinite',
        'dhcp-range=10.7.1.9,10.7.1.20,255.255.240.0,120',
        'dhcp-host=52:54:00:00:00:09,10.7.0.8,w',
        'dhcp-option=option:router',
        'dhcp-option=option:mtu,1400',
        'enable-ra',
        'dhcp-range=fd07::1,ra-only',
        'ra-param=*,0,0',
      ]),
    );
  });

  test('without a range lends to whom it knows', () => {
    const text = "<ip address='10.7.0.1' prefix='24'><dhcp><host mac='52:54:00:00:00:09' ip='10.7.0.8'/></dhcp></ip>";
    expect(linesOf(text)).toContain('dhcp-range=10.7.0.1,static,255.255.255.0');
  });

  test('cannot be led to say more than a name', () => {
    for (const name of ['a b', 'a,b', 'a/b', 'a#', 'a\nuser=root', 'a*', '-a'])
      expect(() => specOf(`<dns><host ip='10.7.0.5'><hostname>${name}</hostname></host></dns>${IP}`)).toThrow();
    expect(() => specOf(`<dns><txt name='a.b' value='x&#10;user=root'/></dns>${IP}`)).toThrow();
  });
});

test('formatReserved puts an address of version 6 in brackets', () => {
  expect(formatReserved('52:54:00:00:00:09', ['10.7.0.8', 'fd07::8'])).toBe('52:54:00:00:00:09,10.7.0.8,[fd07::8]\n');
});
