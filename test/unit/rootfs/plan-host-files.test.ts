import { describe, expect, test } from 'vitest';
import type { HostFilesSpec } from '../../../src/config/spec.js';
import { OPTION, type Op } from '../../../src/exec/plan.js';
import { type HostFilesRequest, planHostFiles } from '../../../src/rootfs/plan-host-files.js';

const REQUEST: HostFilesRequest = {
  ownNetwork: false,
  readOnlyRoot: false,
  isEphemeral: false,
  hasUserNamespace: false,
  uuid: '0E8F5A0C-6a55-4b0e-9d6e-3f1f5d1c2b3a',
  hostMachineId: 'ffffffffffffffffffffffffffffffff',
};

const MACHINE_ID = '0e8f5a0c6a554b0e9d6e3f1f5d1c2b3a';

function plan(hostFiles: HostFilesSpec, changes: Partial<HostFilesRequest> = {}) {
  return planHostFiles({ ...REQUEST, hostFiles, ...changes });
}

/** One word per operation, `|` before one that is tried when those before it did not work. */
function outline(hostFiles: HostFilesSpec, changes: Partial<HostFilesRequest> = {}): string[] {
  return plan(hostFiles, changes).mount.map((op: Op) => {
    const options = 'options' in op ? Number(op.options) : 0;
    const source = 'source' in op ? ` ${op.source.split('/').at(-1)}` : '';
    return `${options & OPTION.ELSE ? '| ' : ''}${op.op}${source}`;
  });
}

describe('planHostFiles', () => {
  test('does nothing when nothing is asked for', () => {
    expect(planHostFiles(REQUEST)).toEqual({ host: [], mount: [] });
    expect(plan({ resolvConf: 'off', timezone: 'off', linkJournal: 'no' })).toEqual({ host: [], mount: [] });
  });

  test.each([
    ['auto', {}, ['copy-file stub-resolv.conf', '| copy-file resolv.conf', '| remove']],
    ['auto', { readOnlyRoot: true }, ['bind stub-resolv.conf', '| bind resolv.conf']],
    ['auto', { ownNetwork: true }, []],
    ['delete', {}, ['remove']],
    ['copy-host', {}, ['copy-file resolv.conf']],
    ['replace-uplink', {}, ['copy-file resolv.conf']],
    ['bind-stub', {}, ['bind stub-resolv.conf', '| copy-file stub-resolv.conf']],
    ['bind-stub', { ownNetwork: true }, ['bind resolv.conf', '| bind resolv.conf', '| copy-file resolv.conf']],
    ['copy-host', { ownNetwork: true }, ['copy-file resolv.conf', '| copy-file resolv.conf']],
    ['copy-static', { ownNetwork: true }, ['copy-file resolv.conf']],
    ['network', {}, []],
  ] as const)('resolver %s %j', (resolvConf, changes, expected) => {
    expect(outline({ resolvConf }, changes)).toEqual(expected);
  });

  test.each([
    ['copy', {}, ['copy-file localtime']],
    ['bind', {}, ['bind localtime', '| copy-file localtime']],
    ['symlink', {}, ['copy-link localtime', '| bind localtime', '| copy-file localtime']],
    ['delete', {}, ['remove']],
    ['auto', { readOnlyRoot: true }, ['bind localtime']],
    [
      'auto',
      {},
      ['copy-link localtime', '| copy-file localtime', '| bind localtime', '| copy-file localtime', '| remove'],
    ],
  ] as const)('time zone %s %j', (timezone, changes, expected) => {
    expect(outline({ timezone }, changes)).toEqual(expected);
  });

  test('lets no start fail for want of resolver and time zone', () => {
    for (const op of plan({ resolvConf: 'auto', timezone: 'auto' }).mount)
      expect(Number('options' in op && op.options) & OPTION.IF_POSSIBLE).toBe(OPTION.IF_POSSIBLE);
  });

  test('follows no link in the place of a copied resolver, and replaces one where asked', () => {
    const options = (resolvConf: 'copy-host' | 'replace-host') =>
      plan({ resolvConf }).mount.map((op) => 'options' in op && Number(op.options) & OPTION.REPLACE);
    expect([options('copy-host'), options('replace-host')]).toEqual([[0], [OPTION.REPLACE]]);
  });

  test('keeps the journal of a container on the host, by its machine id', () => {
    const path = `/var/log/journal/${MACHINE_ID}`;
    expect(plan({ linkJournal: 'host' }, { hasUserNamespace: true })).toEqual({
      host: [{ op: 'host-directory', path, mode: 0o755, options: 0 }],
      mount: [{ op: 'bind', source: path, target: path, flags: 14, options: OPTION.IDMAPPED }],
    });
    expect(plan({ linkJournal: 'auto' })).toMatchObject({ host: [], mount: [{ options: OPTION.IF_POSSIBLE }] });
    expect(plan({ linkJournal: 'try-host' })).toMatchObject({ host: [{ options: OPTION.IF_POSSIBLE }] });
  });

  test.each([
    ['host', { hostMachineId: MACHINE_ID }, /the machine id of the host/],
    ['host', { isEphemeral: true }, /nothing of this container outlives it/],
    ['guest', {}, /does not follow a link into a tree/],
  ] as const)(
    'refuses a journal of %s %j, and leaves it out when it is only tried',
    (linkJournal, changes, message) => {
      expect(() => plan({ linkJournal }, changes)).toThrow(message);
      expect(plan({ linkJournal: `try-${linkJournal}` }, changes)).toEqual({ host: [], mount: [] });
    },
  );
});

describe('what networks say of names', () => {
  const NAMES = {
    servers: ['10.7.0.1', 'fd07::1', '10.8.0.1', '10.9.0.1'],
    domains: ['n.internal'],
    lacksServer: false,
    own: { name: 'web', names: ['web.n.internal', 'web'], addresses: ['10.7.0.2'] },
  };
  const IN_NETWORK = { ownNetwork: true, names: NAMES };

  function written(hostFiles: HostFilesSpec, changes: Partial<HostFilesRequest> = {}) {
    return plan(hostFiles, { ...IN_NETWORK, ...changes }).mount.map((op) =>
      op.op === 'write-file' ? [op.path, Buffer.from(op.content).toString(), op.unless] : op.op,
    );
  }

  test('is the default: at most three servers, and its own name where the root has none', () => {
    const resolv = 'search n.internal\nnameserver 10.7.0.1\nnameserver fd07::1\nnameserver 10.8.0.1\n';
    expect(written({})).toEqual([
      ['/etc/resolv.conf', resolv, ''],
      ['/etc/hosts', '10.7.0.2 web.n.internal web # by ctr\n', 'web'],
      ['/etc/hostname', 'web\n', '*'],
    ]);
  });

  test('is not what the definition says instead', () => {
    expect(outline({ resolvConf: 'off' }, IN_NETWORK)).toEqual(['write-file', 'write-file']);
    expect(outline({ resolvConf: 'auto' }, IN_NETWORK)).toEqual(['write-file', 'write-file']);
    expect(outline({ resolvConf: 'copy-static' }, IN_NETWORK)).toEqual([
      'copy-file resolv.conf',
      'write-file',
      'write-file',
    ]);
  });

  test('is bound over a root that is read-only', () => {
    const { mount } = plan({}, { ...IN_NETWORK, readOnlyRoot: true });
    expect(mount.map((op) => 'options' in op && (Number(op.options) & OPTION.BOUND) !== 0)).toEqual([true, true]);
  });

  test('without a name server on the host is the list of servers of the host, never those of its loopback', () => {
    const names = { servers: [], domains: [], lacksServer: true };
    const { mount } = plan({}, { ownNetwork: true, names });
    expect(mount.map((op) => ('source' in op ? op.source : ''))).toEqual([
      '/etc/resolv.conf',
      '/run/systemd/resolve/resolv.conf',
    ]);
    expect(mount.every((op) => 'options' in op && (Number(op.options) & OPTION.REACHABLE) !== 0)).toBe(true);
  });
});
