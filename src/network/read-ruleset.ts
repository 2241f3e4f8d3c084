/** What the host's firewall does to what is forwarded, of what `nft --json list ruleset` and `iptables -S` print. Pure. */

export interface BaseChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly hook: string;
  /** What becomes of packets that no rule decides about. */
  readonly drops: boolean;
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
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
  readonly elem?: readonly unknown[];
}

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
      })),
    elements: new Map(
      all('map', ({ family, table, name, elem = [] }): [string, number] => [`${family} ${table} ${name}`, elem.length]),
    ),
  };
}

export interface FilterState {
  readonly drops: boolean;
  /** Somebody has a chain there for rules of others (Docker). */
  readonly hasUserChain: boolean;
  /** Rules with our mark. */
  readonly marked: number;
}

/** Of the output of `iptables -S`, iptables(8). */
export function readFilterRules(text: string, tag: string): FilterState {
  const lines = text.split('\n');
  return {
    drops: lines.some((line) => line === '-P FORWARD DROP' || /^-A FORWARD .*-j (?:DROP|REJECT)\b/.test(line)),
    hasUserChain: lines.includes('-N DOCKER-USER'),
    marked: lines.filter((line) => line.includes(`--comment ${tag} `) || line.includes(`--comment "${tag}" `)).length,
  };
}
