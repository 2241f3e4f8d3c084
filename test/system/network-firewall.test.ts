import { describe, domainXml, expect } from '../rig/index.js';
import { firstLack, lacksProgram } from '../rig/needs.js';
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

/** The least of what ufw(8) makes: its chains by their names, and what they let through. */
const UFW = `$p -P INPUT DROP; for c in before-input before-forward user-forward reject-forward; do $p -N ufw-$c; done
$p -A INPUT -j ufw-before-input; $p -A ufw-before-input -i lo -j ACCEPT; $p -A ufw-before-input -p ipv6-icmp -j ACCEPT
$p -A FORWARD -j ufw-before-forward; $p -A FORWARD -j ufw-reject-forward
$p -A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; $p -A ufw-before-forward -j ufw-user-forward`;

/** The least of what firewalld(1) makes: a table of its name, where a link of no zone is rejected. */
const FIREWALLD = `table inet firewalld {
 chain filter_FORWARD {
  type filter hook forward priority filter + 10; policy accept;
  ct state established,related accept
  iifname "lo" accept
  jump filter_FORWARD_ZONES
  ct state invalid drop
  reject with icmpx admin-prohibited
 }
 chain filter_FORWARD_ZONES { iifname "up0" goto filter_FWD_public; }
 chain filter_FWD_public { accept; }
}
`;

describe('a host whose firewall drops what is forwarded', () => {
  for (const kind of ['nft', 'legacy'] as const)
    for (const [who, chains, place] of [
      ['iptables', 'true', 'FORWARD'],
      ['Docker', '$p -N DOCKER-USER; $p -A FORWARD -j DOCKER-USER', 'DOCKER-USER'],
      ['ufw', UFW, 'FORWARD'],
    ] as const)
      networkTest(
        `lets containers through where it is ${who}'s by iptables-${kind}, and is as before afterwards`,
        async ({ host, rig, skip }) => {
          const [ipv4, ipv6] = [`iptables-${kind}`, `ip6tables-${kind}`];
          const lack = firstLack(lacksProgram(ipv4), lacksProgram(ipv6));
          if (lack !== undefined) skip(lack);
          const lackTables = await host.sh(`${ipv4} -S >/dev/null 2>&1 && ${ipv6} -S >/dev/null 2>&1 || echo none`);
          if (lackTables !== '') skip(`this kernel has no tables of ${ipv4}`);
          await host.sh(`for p in ${ipv4} ${ipv6}; do $p -P FORWARD DROP; ${chains}; done`);
          const listRules = () => host.sh(`${ipv4} -S; ${ipv6} -S`);
          const before = await listRules();
          await start(rig, host, 'web');
          expect(await reaches(host, 'web', OUTSIDE.world)).toBe(true);
          expect(await reaches(host, 'web', OUTSIDE.world6)).toBe(true);
          expect(await host.sh(`${ipv4} -S`)).toMatch(new RegExp(`-A ${place} -i ctrbr0 .*"?ctr:default"?`));
          const said = await host.ctrOk('net', 'check');
          expect(said).toContain('two rules of ctr let ctrbr0 pass');
          if (who === 'ufw') {
            expect(said).toContain('the chain INPUT of iptables drops what comes to the host');
            expect(said).toContain('hint: iptables -I INPUT -i ctrbr0 -p udp --dport 53 -j ACCEPT');
          }
          await host.ctrOk('destroy', 'web');
          expect(await listRules()).toBe(before);
        },
      );

  networkTest("is told by net check where it is firewalld's, with its own command", async ({ host, rig }) => {
    await host.sh(`nft -f - <<'EOF'\n${FIREWALLD}EOF`);
    await start(rig, host, 'web');
    expect(await reaches(host, 'web', OUTSIDE.world)).toBe(false);
    const { status, stdout } = await host.ctr(['net', 'check', 'default']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/hint: .*firewall-cmd .*ctrbr0/);
    // What that does.
    await host.sh('nft insert rule inet firewalld filter_FORWARD_ZONES iifname ctrbr0 goto filter_FWD_public');
    expect(await reaches(host, 'web', OUTSIDE.world)).toBe(true);
    expect((await host.ctr(['net', 'check', 'default'])).status).toBe(0);
    await host.ctrOk('destroy', 'web');
  });

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
    expect((await host.ctr(['net', 'check', 'default'])).status).toBe(0);
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
