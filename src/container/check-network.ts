/** `net check`: what stands between the containers of a network and the world. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CtrError } from '../errors.js';
import { formatTable, tableName, takesPorts } from '../network/format-table.js';
import { type FilterProgram, tagOf } from '../network/plan-network-up.js';
import { type BaseChain, type Ruleset, readFilterRules, readRuleset } from '../network/read-ruleset.js';
import { listNetworkNames } from '../state/network-store.js';
import type { NetworkCheckItem } from './check.js';
import { type CtrOptions, checkName, openPaths, requireRoot } from './context.js';
import { type LoadedNetwork, loadNetwork } from './load-network.js';
import { readNetworkFacts } from './network-facts.js';
import { networkState } from './network-info.js';

/**
 * Looks at the active networks, or at those that are named.
 *
 * @throws CtrError CTR_NEED_ROOT, CTR_NOT_FOUND
 */
export function checkNetworks(names: readonly string[], options: CtrOptions = {}): readonly NetworkCheckItem[] {
  requireRoot('check networks');
  const paths = openPaths(options);
  for (const name of names) checkName(name);
  const facts = readNetworkFacts();
  const ruleset = readRules(facts.nft);
  return (names.length > 0 ? names : listNetworkNames(paths.stateDir)).flatMap((name) => {
    const network = loadNetwork(paths, name);
    if (network === undefined)
      throw new CtrError('CTR_NOT_FOUND', `cannot check network '${name}': no network of that name is defined`, {
        hint: 'ctr net list --all shows what is',
      });
    const { active } = networkState(paths, name);
    if (!active)
      return names.length > 0
        ? [item(network, 'bridge', 'absent', `${network.bridge} is not there`, `ctr net start ${name}`)]
        : [];
    return checkOne(network, ruleset, facts.filters ?? []);
  });
}

function item(
  { spec }: LoadedNetwork,
  name: string,
  status: NetworkCheckItem['status'],
  detail: string,
  hint?: string,
): NetworkCheckItem {
  return { group: `network '${spec.name}'`, name, status, detail, ...(hint === undefined ? {} : { hint }) };
}

function checkOne(
  network: LoadedNetwork,
  ruleset: Ruleset | undefined,
  filters: readonly FilterProgram[],
): NetworkCheckItem[] {
  const { spec, bridge } = network;
  const forwards = ['nat', 'route', 'open'].includes(spec.forward.mode);
  return [
    item(network, 'bridge', 'ok', bridge),
    ...checkTable(network, ruleset),
    ...(forwards ? checkForwarding(network) : []),
    ...(ruleset?.chains ?? []).flatMap((chain) => checkChain(network, chain)),
    ...(forwards ? filters.flatMap((filter) => checkFilter(network, filter)) : []),
  ];
}

function checkTable(network: LoadedNetwork, ruleset: Ruleset | undefined): NetworkCheckItem[] {
  const { spec, bridge } = network;
  if (formatTable(spec, bridge) === '') return [];
  const table = `inet ${tableName(spec.name)}`;
  if (ruleset === undefined) return [item(network, 'rules', 'absent', 'nft does not tell')];
  if (!ruleset.tables.has(table))
    return [
      item(
        network,
        'rules',
        'missing',
        `the table ${table} is gone: somebody has flushed all rules`,
        `it comes back with the next container that starts, or by: ctr net start ${spec.name}`,
      ),
    ];
  const count = ['ports4', 'ports4at'].reduce((sum, map) => sum + (ruleset.elements.get(`${table} ${map}`) ?? 0), 0);
  return [item(network, 'rules', 'ok', `table ${table}${takesPorts(spec) ? `, ${count} ports of the host` : ''}`)];
}

function checkForwarding(network: LoadedNetwork): NetworkCheckItem[] {
  return (['ipv4', 'ipv6'] as const)
    .filter((family) => network.spec.ips.some((ip) => ip.family === family))
    .map((family) => {
      const path = family === 'ipv4' ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding';
      return readSysctl(path) === '1'
        ? item(network, `forwarding ${family}`, 'ok', 'the host forwards')
        : item(
            network,
            `forwarding ${family}`,
            'missing',
            `somebody has switched ${path.replaceAll('/', '.')} off`,
            `sysctl -w ${path.replaceAll('/', '.')}=1`,
          );
    });
}

function checkNames(network: LoadedNetwork, where: string, hint: string): NetworkCheckItem[] {
  if (!network.spec.dns.enabled) return [];
  const detail = `${where} drops what comes to the host: it has to let in what asks for names`;
  return [item(network, 'names', 'absent', detail, hint)];
}

/** Those of iptables are looked at by their own program. */
function checkChain(network: LoadedNetwork, found: BaseChain): NetworkCheckItem[] {
  const { family, table, chain, hook, drops, links } = found;
  const { bridge } = network;
  const where = `${family} ${table} ${chain}`;
  const isKnown = links.has(bridge);
  if (hook === 'forward' && table === 'firewalld' && isKnown)
    return [item(network, 'firewall', 'ok', `firewalld is there, and knows ${bridge}`)];
  if (hook === 'forward' && table === 'firewalld')
    return [
      item(
        network,
        'firewall',
        'missing',
        `firewalld is there: it rejects what it does not know, and ${bridge} is in none of its zones`,
        `firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && firewall-cmd --reload`,
      ),
    ];
  const isIptables = table === 'filter' && (family === 'ip' || family === 'ip6');
  if (!drops || isKnown || isIptables || table.startsWith('ctr-')) return [];
  if (hook === 'input')
    return checkNames(
      network,
      `the chain ${where}`,
      `a rule there: iifname "${bridge}" meta l4proto { tcp, udp } th dport 53 accept`,
    );
  if (hook !== 'forward') return [];
  return [
    item(
      network,
      'firewall',
      'missing',
      `the chain ${where} drops what is forwarded`,
      `nft insert rule ${where} iifname "${bridge}" accept; nft insert rule ${where} oifname "${bridge}" accept`,
    ),
  ];
}

function checkFilter(network: LoadedNetwork, { program, kind }: FilterProgram): NetworkCheckItem[] {
  const { spec, bridge } = network;
  if (kind === 'legacy' && !readTableNames(program).includes('filter')) return [];
  const text = run(program, ['-w', '5', '-S']);
  if (text === undefined) return [];
  const { drops, dropsInput, letsAsk, hasUserChain, marked, passes } = readFilterRules(text, tagOf(spec.name), bridge);
  const chain = hasUserChain ? 'DOCKER-USER' : 'FORWARD';
  const name = program.replace(/.*\//, '').replace(/-(?:nft|legacy)$/, '');
  const asks = `${name} -I INPUT -i ${bridge} -p udp --dport 53 -j ACCEPT`;
  const names = dropsInput && !letsAsk ? checkNames(network, `the chain INPUT of ${name}`, asks) : [];
  const isThrough = marked >= 2 || passes >= 2;
  if (isThrough)
    return [
      item(
        network,
        name,
        'ok',
        `${drops ? 'it drops what is forwarded; ' : ''}two rules${marked >= 2 ? ' of ctr' : ''} let ${bridge} pass`,
      ),
      ...names,
    ];
  if (!drops) return names;
  return [
    item(
      network,
      name,
      'missing',
      'its chain FORWARD drops what is forwarded',
      `${name} -I ${chain} -i ${bridge} -j ACCEPT; ${name} -I ${chain} -o ${bridge} -j ACCEPT; or ctr net stop ${spec.name}, and start it again`,
    ),
    ...names,
  ];
}

function readTableNames(program: string): string {
  return read(program.includes('ip6') ? '/proc/net/ip6_tables_names' : '/proc/net/ip_tables_names');
}

const readSysctl = (path: string) => read(`/proc/sys/${path}`).trim();

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readRules(nft: string | undefined): Ruleset | undefined {
  const text = nft === undefined ? undefined : run(nft, ['--json', 'list', 'ruleset']);
  return text === undefined ? undefined : readRuleset(text);
}

function run(program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 256 * 1024 * 1024,
      timeout: 20_000,
    });
  } catch {
    return undefined;
  }
}
