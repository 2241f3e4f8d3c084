import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readNspawn } from '../../../../src/config/nspawn/read-nspawn.js';
import { CORPUS, lacksCorpus } from '../../../rig/needs.js';
import { OPTIONS } from './read-text.js';

const lack = lacksCorpus();

describe("systemd's own files", () => {
  test.beforeEach(({ skip }) => {
    if (lack !== undefined) skip(lack);
  });

  const read = (file: string) => readNspawn(readFileSync(join(CORPUS, 'nspawn/settings', file), 'utf8'), OPTIONS);

  test('the one with every section gives its valid keys, and only warnings for the others', () => {
    const { definition, diagnostics } = read('basic-config.nspawn');
    expect(diagnostics.map(({ severity, line }) => [severity, line])).toEqual(
      [10, 11, 15, 19, 24, 51, 63, 65].map((line) => ['warning', line]),
    );
    expect(definition?.spec).toMatchObject({
      uuid: 'edbfea33-09ba-41ea-83e2-318c58a8d498',
      hostname: 'foo.bar',
      init: { path: '/sbin/init', args: ['-x=1'], user: 'user', dir: '/cwd' },
      idmap: { uid: [{ inside: 0, outside: 1, count: 2 }] },
      rootMode: 'ephemeral',
      lifecycle: { stopSignal: 'TERM' },
      process: { oomScoreAdj: 50, cpuAffinity: '1-4', suppressSync: true },
      security: { noNewPrivs: true },
      hostFiles: { resolvConf: 'copy-host', timezone: 'bind', linkJournal: 'try-guest' },
    });
    expect(definition?.spec.process?.rlimits?.map(({ name, soft, hard }) => `${name} ${soft} ${hard}`)).toHaveLength(
      15,
    );
    expect(definition?.spec.filesystems.map(({ type, target }) => `${type} ${target}`)).toEqual([
      'mount /',
      'mount /bindthis',
      'mount /bindthisro',
      'overlay /merged',
      'ram /run',
      'overlay /thisisanoverlaytoo',
      'ram /thisismytmpfs',
      'ram /tmp',
    ]);
    expect(definition?.spec.interfaces.map(({ type, source, guestName }) => `${type} ${source} ${guestName}`)).toEqual([
      'bridge vz-myzone host0',
      'ethernet undefined veth2',
      'phys eth1 eth1',
      'phys enp0s1 enp0s1',
      'direct eno1 mv-eno1',
      'direct eno2 mv-eno2',
      'ipvlan eno3 iv-eno3',
      'ipvlan enp2s124 iv-enp2s124',
    ]);
  });

  test('the malformed one gives warnings, each at its place', () => {
    const { definition, diagnostics } = read('leak-bind-mount');
    expect(diagnostics.map(({ severity, line, column }) => `${severity} ${line}:${column}`)).toEqual([
      'warning 1:1',
      'warning 8:6',
      'warning 8:9',
    ]);
    expect(definition?.spec.init.argv0).toBe('-sh');
  });
});
