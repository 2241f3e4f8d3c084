import { describe, expect, test } from 'vitest';
import { containerRunDir, containerStateDir, resolvePaths } from '../../../src/system/paths.js';

const ROOT = { uid: 0, home: '/root' };
const USER = { uid: 1000, home: '/home/u' };

describe('resolvePaths', () => {
  test('gives root the directories of the system', () => {
    const paths = resolvePaths({}, {}, ROOT);
    expect(paths).toEqual({ stateDir: '/var/lib/ctr', runDir: '/run/ctr', cgroupPrefix: 'ctr' });
    expect(containerStateDir(paths, 'web')).toBe('/var/lib/ctr/containers/web');
    expect(containerRunDir(paths, 'web')).toBe('/run/ctr/containers/web');
  });

  test('gives a user the XDG directories, or their defaults', () => {
    const env = { XDG_DATA_HOME: '/data' };
    expect(resolvePaths({}, env, { ...USER, runtimeDir: '/rt' })).toMatchObject({
      stateDir: '/data/ctr',
      runDir: '/rt/ctr',
      cgroupPrefix: 'ctr',
    });
    expect(resolvePaths({}, {}, USER)).toMatchObject({
      stateDir: '/home/u/.local/share/ctr',
      runDir: '/tmp/ctr-1000',
    });
    // Only absolute paths count, says the specification.
    expect(resolvePaths({}, { XDG_DATA_HOME: 'data' }, USER).stateDir).toBe('/home/u/.local/share/ctr');
  });

  test('prefers options to the environment, and the environment to the defaults', () => {
    const env = { CTR_STATE_DIR: '/env/state', CTR_RUN_DIR: '/env/run' };
    expect(resolvePaths({}, env, ROOT)).toMatchObject({ stateDir: '/env/state', runDir: '/env/run' });
    expect(resolvePaths({ stateDir: '/s', runDir: '/r' }, env, ROOT)).toMatchObject({ stateDir: '/s', runDir: '/r' });
  });

  test('names the cgroup of another run directory after that directory', () => {
    const [a, b] = ['/a', '/b'].map((runDir) => resolvePaths({ runDir }, {}, ROOT).cgroupPrefix);
    expect(a).toMatch(/^ctr-[0-9a-f]{8}$/);
    expect(b).toMatch(/^ctr-[0-9a-f]{8}$/);
    expect(a).not.toBe(b);
    expect(resolvePaths({ runDir: '/x/../a/' }, {}, ROOT).cgroupPrefix).toBe(a);
    expect(resolvePaths({ runDir: '/run/ctr' }, {}, ROOT).cgroupPrefix).toBe('ctr');
  });
});
