import { describe, expect, test } from 'vitest';
import { planDevnodes } from '../../../src/devnodes/plan-devnodes.js';

const OWNERS = { root: { uid: 1000, gid: 2000 }, ttyGid: 2005 };

describe('planDevnodes', () => {
  test('makes the six nodes that libvirt documents, of everybody’s use and root’s own', () => {
    const nodes = planDevnodes(1, OWNERS).filter((op) => op.op === 'node');
    expect(nodes.map(({ path, major, minor }) => `${path} ${major}:${minor}`)).toEqual([
      '/dev/null 1:3',
      '/dev/zero 1:5',
      '/dev/full 1:7',
      '/dev/random 1:8',
      '/dev/urandom 1:9',
      '/dev/tty 5:0',
    ]);
    expect(nodes.every((node) => node.mode === 0o020666 && node.uid === 1000 && node.gid === 2000)).toBe(true);
  });

  test('makes the links to the standard streams and to ptmx', () => {
    const links = planDevnodes(1, OWNERS).flatMap((op) => (op.op === 'symlink' ? [`${op.path} ${op.target}`] : []));
    expect(links).toEqual([
      '/dev/stdin /proc/self/fd/0',
      '/dev/stdout /proc/self/fd/1',
      '/dev/stderr /proc/self/fd/2',
      '/dev/fd /proc/self/fd',
      '/dev/ptmx pts/ptmx',
    ]);
  });

  test('gives slaves to the terminal group as the host sees it, when it is mapped', () => {
    const devpts = (ttyGid: number | undefined) =>
      planDevnodes(1, { ...OWNERS, ttyGid }).flatMap((op) =>
        op.op === 'mount' && op.fstype === 'devpts' ? [op.data] : [],
      );
    expect(devpts(2005)).toEqual(['newinstance,ptmxmode=0666,mode=0620,gid=2005']);
    expect(devpts(undefined)).toEqual(['newinstance,ptmxmode=0666,mode=0620']);
  });

  test('binds the first console on /dev/console too, console N on tty N+1', () => {
    const consoles = planDevnodes(3, OWNERS).filter((op) => op.op === 'console');
    expect(consoles).toEqual([
      { op: 'console', devpts: '/dev/pts', paths: '/dev/console /dev/tty1', uid: 1000 },
      { op: 'console', devpts: '/dev/pts', paths: '/dev/tty2', uid: 1000 },
      { op: 'console', devpts: '/dev/pts', paths: '/dev/tty3', uid: 1000 },
    ]);
  });

  test('mounts before it fills: /dev first, devpts before the consoles', () => {
    const ops = planDevnodes(1, OWNERS);
    expect(ops[0]).toMatchObject({ op: 'mount', target: '/dev', data: 'mode=755,size=65536,uid=1000,gid=2000' });
    const devpts = ops.findIndex((op) => op.op === 'mount' && op.fstype === 'devpts');
    expect(devpts).toBeLessThan(ops.findIndex(({ op }) => op === 'console'));
  });
});
