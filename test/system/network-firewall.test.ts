import { describe, domainXml, expect } from '../rig/index.js';
import { lacksProgram } from '../rig/needs.js';
import { type NetworkHost, networkTest, OUTSIDE } from '../rig/network-host.js';
import type { Rig } from '../rig/rig.js';

async function start(rig: Rig, host: NetworkHost, name: string, network = 'default'): Promise<void> {
  const devices = `<interface type='network'><source network='${network}'/></interface>`;
  await host.ctrOk('define', rig.writeFile(`${name}.xml`, domainXml({ name, rootfs: rig.makeRoot(), devices })));
  await host.ctrOk('start', name);
}

async function reaches(host: NetworkHost, name: string, address: string): Promise<boolean> {
  const family = address.includes(':') ? '-6' : '-4';
  const { status } = await host.ctr(['enter', name, '--', '/bin/busybox', 'ping', family, '-c1', '-W2', address]);
  return status === 0;
}

describe('a host whose firewall drops what is forwarded', () => {
  for (const [who, chains] of [
    ['iptables', 'true'],
    ['Docker', '$p -N DOCKER-USER; $p -A FORWARD -j DOCKER-USER'],
  ] as const)
    networkTest(
      `lets containers through where it is ${who}'s, and is as before afterwards`,
      async ({ host, rig, skip }) => {
        const lack = lacksProgram('iptables-nft');
        if (lack !== undefined) skip(lack);
        await host.sh(`for p in iptables-nft ip6tables-nft; do $p -P FORWARD DROP; ${chains}; done`);
        const before = await host.sh('iptables-nft -S; ip6tables-nft -S');
        await start(rig, host, 'web');
        expect(await reaches(host, 'web', OUTSIDE.world)).toBe(true);
        expect(await reaches(host, 'web', OUTSIDE.world6)).toBe(true);
        expect(await host.sh('iptables-nft -S')).toMatch(
          who === 'Docker' ? /-A DOCKER-USER -i ctrbr0 .*"?ctr:default"?/ : /-A FORWARD -i ctrbr0 .*"?ctr:default"?/,
        );
        expect(await host.ctrOk('net', 'check')).toContain('two rules of ctr let ctrbr0 pass');
        await host.ctrOk('destroy', 'web');
        expect(await host.sh('iptables-nft -S; ip6tables-nft -S')).toBe(before);
      },
    );

  networkTest('is told by net check, with what to do', async ({ host, rig }) => {
    await host.sh(
      "nft 'table inet site { chain forward { type filter hook forward priority 0; policy drop; }; chain input { type filter hook input priority 0; policy drop; }; }'",
    );
    await start(rig, host, 'web');
    expect(await reaches(host, 'web', OUTSIDE.world)).toBe(false);
    const { status, stdout } = await host.ctr(['net', 'check', 'default']);
    expect(status).toBe(1);
    expect(stdout).toContain('the chain inet site forward drops what is forwarded');
    expect(stdout).toMatch(/names\s+absent/);
    const hint = /hint: (nft insert rule inet site forward .*)/.exec(stdout)?.[1] ?? 'false';
    await host.sh(hint);
    expect(await reaches(host, 'web', OUTSIDE.world)).toBe(true);
    await host.ctrOk('destroy', 'web');
  });

  networkTest('tells of rules that somebody flushed, and of forwarding that is off', async ({ host, rig }) => {
    await start(rig, host, 'web');
    expect(await host.ctr(['net', 'check'])).toMatchObject({ status: 0 });
    await host.sh('nft flush ruleset; echo 0 >/proc/sys/net/ipv4/ip_forward');
    const { status, stdout } = await host.ctr(['net', 'check']);
    expect(status).toBe(1);
    expect(stdout).toContain('the table inet ctr-default is gone');
    expect(stdout).toContain('somebody has switched net.ipv4.ip_forward off');
    await host.ctrOk('net', 'start', 'default');
    await host.sh('sysctl -qw net.ipv4.ip_forward=1 2>/dev/null || echo 1 >/proc/sys/net/ipv4/ip_forward');
    expect(await host.ctr(['net', 'check'])).toMatchObject({ status: 0 });
    expect(await reaches(host, 'web', OUTSIDE.world)).toBe(true);
    await host.ctrOk('destroy', 'web');
    await host.ctrOk('net', 'stop', 'default');
  });
});
