/** What the host's firewall does to what is forwarded, of what `nft --json list ruleset` and `iptables -S` print. Pure. */

export interface BaseChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly hook: string;
  /** What becomes of packets that no rule decides about. */
  readonly drops: boolean;
  /** Links that a rule of its own, or for `forward` one of its table, names and does not drop: somebody has thought of them. */
  readonly links: ReadonlySet<string>;
}

export interface Ruleset {
  /** `inet ctr-default`. */
  readonly tables: ReadonlySet<string>;
  readonly chains: readonly BaseChain[];
  /** How many elements each map has, by `inet ctr-default ports4`. */
  readonly elements: ReadonlyMap<string, number>;
}

interface Entry {
  readonly family: string;
  readonly table?: string;
  readonly chain?: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
  readonly elem?: readonly unknown[];
  readonly expr?: readonly Expression[];
}

/** A part of a rule: a comparison, or what becomes of the packet. */
type Expression = Readonly<Record<string, unknown>> & {
  readonly match?: { readonly left?: { readonly meta?: { readonly key?: string } }; readonly right?: unknown };
};

/** @returns undefined for what is none of nft's (libnftables-json(5)) */
export function readRuleset(json: string): Ruleset | undefined {
  let entries: readonly Record<string, Entry | undefined>[];
  try {
    entries = (JSON.parse(json) as { nftables: typeof entries }).nftables;
  } catch {
    return undefined;
  }
  if (!Array.isArray(entries)) return undefined;
  const all = <T>(kind: string, take: (entry: Entry) => T): T[] =>
    entries.flatMap((entry) => (entry[kind] === undefined ? [] : [take(entry[kind])]));
  const links = new Map<string, Set<string>>();
  for (const { family, table, chain, expr = [] } of all('rule', (entry) => entry)) {
    if (!expr.some((part) => ['accept', 'jump', 'goto'].some((verdict) => verdict in part))) continue;
    for (const key of [`${family} ${table}`, `${family} ${table} ${chain}`])
      links.set(key, new Set([...(links.get(key) ?? []), ...expr.flatMap(namesOfLinks)]));
  }
  return {
    tables: new Set(all('table', ({ family, name }) => `${family} ${name}`)),
    chains: all('chain', (entry) => entry)
      .filter(({ hook }) => hook !== undefined)
      .map(({ family, table = '', name, hook = '', policy }) => ({
        family,
        table,
        chain: name,
        hook,
        drops: policy === 'drop',
        // What is forwarded is often told apart in further chains.
        links: links.get(`${family} ${table}${hook === 'forward' ? '' : ` ${name}`}`) ?? new Set(),
      })),
    elements: new Map(
      all('map', ({ family, table, name, elem = [] }): [string, number] => [`${family} ${table} ${name}`, elem.length]),
    ),
  };
}

function namesOfLinks({ match }: Expression): string[] {
  if (!['iifname', 'oifname'].includes(match?.left?.meta?.key ?? '')) return [];
  const { right } = match ?? {};
  const values = typeof right === 'object' && right !== null && 'set' in right ? right.set : right;
  return [values].flat().filter((value) => typeof value === 'string');
}

export interface FilterState {
  readonly drops: boolean;
  /** Somebody has a chain there for rules of others (Docker). */
  readonly hasUserChain: boolean;
  readonly dropsInput: boolean;
  /** Something that comes in by the link is accepted all the same. */
  readonly letsAsk: boolean;
  /** Rules with our mark. */
  readonly marked: number;
  /** Rules of anybody that let the link pass. */
  readonly passes: number;
}

/** Of the output of `iptables -S`, iptables(8). */
export function readFilterRules(text: string, tag: string, link: string): FilterState {
  const lines = text.split('\n');
  return {
    drops: lines.some((line) => line === '-P FORWARD DROP' || /^-A FORWARD .*-j (?:DROP|REJECT)\b/.test(line)),
    dropsInput: lines.includes('-P INPUT DROP'),
    letsAsk: lines.some(
      (line) => line.includes(` -i ${link} `) && /^-A (?:INPUT|ufw-\S*input) .*-j ACCEPT$/.test(line),
    ),
    hasUserChain: lines.includes('-N DOCKER-USER'),
    marked: lines.filter((line) => line.includes(`--comment ${tag} `) || line.includes(`--comment "${tag}" `)).length,
    passes: lines.filter((line) =>
      ['-i', '-o'].some(
        (way) =>
          line.includes(` ${way} ${link} `) && /^-A (?:FORWARD|DOCKER-USER|ufw-\S*forward) .*-j ACCEPT$/.test(line),
      ),
    ).length,
  };
}
