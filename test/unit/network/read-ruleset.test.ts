import { describe, expect, test } from 'vitest';
import { readFilterRules, readRuleset } from '../../../src/network/read-ruleset.js';

const match = (key: string, right: unknown) => ({ match: { op: '==', left: { meta: { key } }, right } });

describe('readRuleset', () => {
  test('tells tables, what base chains do without a rule, and elements', () => {
    const ruleset = readRuleset(
      JSON.stringify({
        nftables: [
          { metainfo: { version: '1.0.6' } },
          { table: { family: 'inet', name: 'ctr-lan' } },
          { chain: { family: 'inet', table: 'site', name: 'f', hook: 'forward', policy: 'drop' } },
          { chain: { family: 'inet', table: 'site', name: 'plain' } },
          {
            rule: {
              family: 'inet',
              table: 'site',
              chain: 'plain',
              expr: [match('iifname', 'lanbr'), { accept: null }],
            },
          },
          {
            rule: {
              family: 'inet',
              table: 'site',
              chain: 'plain',
              expr: [match('oifname', { set: ['eth7'] }), { goto: {} }],
            },
          },
          { rule: { family: 'inet', table: 'site', chain: 'plain', expr: [match('iifname', 'eth8'), { drop: null }] } },
          { map: { family: 'inet', table: 'ctr-lan', name: 'ports4', elem: [[1, 2]] } },
        ],
      }),
    );
    expect(ruleset?.tables).toEqual(new Set(['inet ctr-lan']));
    expect(ruleset?.chains).toEqual([
      { family: 'inet', table: 'site', chain: 'f', hook: 'forward', drops: true, links: new Set(['lanbr', 'eth7']) },
    ]);
    expect(ruleset?.elements.get('inet ctr-lan ports4')).toBe(1);
  });

  test('has no opinion about other texts', () => {
    expect(readRuleset('')).toBeUndefined();
    expect(readRuleset('{}')).toBeUndefined();
  });
});

describe('readFilterRules', () => {
  test('sees a policy, rules that drop, and only the marks of this network', () => {
    const rules = ['-P FORWARD DROP', '-A FORWARD -i a -m comment --comment "ctr:lan" -j ACCEPT'];
    expect(readFilterRules(rules.join('\n'), 'ctr:lan', 'lanbr')).toEqual({
      drops: true,
      dropsInput: false,
      letsAsk: false,
      hasUserChain: false,
      marked: 1,
      passes: 0,
    });
    const byHand = [
      '-P INPUT DROP',
      '-A FORWARD -i lanbr -j ACCEPT',
      '-A INPUT -i lanbr -p udp -j ACCEPT',
      '-A FORWARD -o lanbr2 -j ACCEPT',
    ];
    expect(readFilterRules(byHand.join('\n'), 'ctr:lan', 'lanbr')).toMatchObject({
      dropsInput: true,
      letsAsk: true,
      passes: 1,
    });
    expect(readFilterRules(rules.join('\n'), 'ctr:la', 'lanbr')).toMatchObject({ marked: 0 });
    expect(readFilterRules('-P FORWARD ACCEPT\n-N DOCKER-USER\n', 'ctr:lan', 'lanbr')).toMatchObject({
      drops: false,
      hasUserChain: true,
      marked: 0,
    });
    expect(readFilterRules('-P FORWARD ACCEPT\n-A FORWARD -i x -j REJECT', 'ctr:lan', 'lanbr')).toMatchObject({
      drops: true,
    });
  });
});
