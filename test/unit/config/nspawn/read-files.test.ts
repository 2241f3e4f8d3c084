import { describe, expect, test } from 'vitest';
import { faultsOf, specOf, specWithWarnings } from './read-text.js';

/** The mounts besides the root and nspawn's own. */
const mountsOf = (lines: string) =>
  specOf(`[Files]\n${lines}`).filesystems.filter(({ target }) => !['/', '/run', '/tmp'].includes(target));

describe('binds', () => {
  const bind = { readonly: false, recursive: true };
  const host = { type: 'mount', accessMode: 'passthrough', flags: [], ...bind };

  test.each([
    ['Bind=/a', { ...host, source: '/a', target: '/a' }],
    ['Bind=/a:/b', { ...host, source: '/a', target: '/b' }],
    ['BindReadOnly=/a:/b', { ...host, source: '/a', target: '/b', readonly: true }],
    ['Bind=/a:/b:norbind,idmap', { ...host, source: '/a', target: '/b', recursive: false, accessMode: 'mapped' }],
    ['Bind=/a:/b:rootidmap', { ...host, source: '/a', target: '/b', accessMode: 'owner' }],
    ['Bind=/a:/b:owneridmap,rbind', { ...host, source: '/a', target: '/b', accessMode: 'target-owner' }],
    ['Bind=/a\\:b:/c\\\\d', { ...host, source: '/a:b', target: '/c\\d' }],
    ['Bind=+/a:/b', { type: 'bind', source: '/a', target: '/b', ...bind }],
    ['Bind=+/a', { type: 'bind', source: '/a', target: '/a', ...bind }],
    ['Bind=:/b', { type: 'ram', target: '/b', readonly: false, flags: ['nodev', 'strictatime'], mode: 0o755 }],
  ])('%s', (line, mount) => expect(mountsOf(`${line}\n`)).toEqual([mount]));

  test.each(['Bind=', 'Bind=/a:b', 'Bind=/a:', 'Bind=a', 'Bind=/a\\ ', 'Inaccessible=a', 'TemporaryFileSystem=a:/b'])(
    '%s is ignored with a warning',
    (line) => expect(faultsOf(`[Files]\n${line}\n`)).toEqual([expect.stringMatching(/^2:\d+ warning: .*ignored$/)]),
  );

  test.each([
    ['Bind=/a:/b:foo', "Bind='/a:/b:foo' cannot be mounted: unknown option 'foo'"],
    ['BindReadOnly=a:/b', "BindReadOnly='a:/b' cannot be mounted: source 'a' is not absolute"],
    ['Bind=+/a:/b:idmap', "Bind='+/a:/b:idmap' cannot be mounted: ids of a path inside cannot be mapped"],
    ['Overlay=/a:b:/c:/d', "Overlay='/a:b:/c:/d' cannot be mounted: path 'b' is not absolute"],
    ['TemporaryFileSystem=/', "a mount on '/' takes the place of the root"],
  ])('%s is refused at the start', (line, refusal) => {
    expect(specOf(`[Files]\n${line}\n`).refusals).toEqual([refusal]);
  });
});

describe('other mounts', () => {
  const tmpfs = { type: 'ram', target: '/a', readonly: false, flags: ['nodev', 'strictatime'] };

  test.each([
    ['/a', { ...tmpfs, mode: 0o755 }],
    ['/a:', { ...tmpfs, mode: 0o755 }],
    ['/a:rw', { ...tmpfs, mode: 0o1777 }],
    ['/a:mode=01770,size=5m', { ...tmpfs, mode: 0o1770, sizeBytes: 5242880 }],
    ['/a:size=10%,nr_inodes=1k,ro', { ...tmpfs, mode: 0o1777, data: 'size=10%,nr_inodes=1k', readonly: true }],
    ['/a:nosuid,dev,noatime,size=0', { ...tmpfs, mode: 0o1777, flags: ['nosuid', 'noatime'], data: 'size=0' }],
  ])('TemporaryFileSystem=%s', (value, mount) => expect(mountsOf(`TemporaryFileSystem=${value}\n`)).toEqual([mount]));

  test.each([
    ['Overlay=/a:/b', { lowers: ['/a'], upper: '/b', target: '/b', readonly: false }],
    ['Overlay=+/a:+/b', { lowers: ['+/a'], upper: '+/b', target: '/b', readonly: false }],
    ['OverlayReadOnly=/a:/b:/c:/d', { lowers: ['/a', '/b'], upper: '/c', target: '/d', readonly: true }],
    ['Overlay=+/var::/var', { lowers: ['+/var'], target: '/var', readonly: false }],
  ])('%s', (line, mount) => expect(mountsOf(`${line}\n`)).toEqual([{ type: 'overlay', flags: [], ...mount }]));

  test('a path that is hidden', () => {
    expect(mountsOf('Inaccessible=/etc/shadow\n')).toEqual([
      { type: 'inaccessible', target: '/etc/shadow', readonly: true },
    ]);
  });

  test('a directory comes before what is in it, whatever the order of the lines', () => {
    const text =
      '[Files]\nBind=/x:/tmp/a/b\nTemporaryFileSystem=/tmp-a\nInaccessible=/run/z\nOverlay=/l:/u:/tmp/a\nBind=/y:/tmp//a/b\n';
    expect(specOf(text).filesystems.map(({ target }) => target)).toEqual([
      '/',
      '/run',
      '/run/z',
      '/tmp',
      '/tmp/a',
      '/tmp/a/b',
      '/tmp//a/b',
      '/tmp-a',
    ]);
  });

  test('/run and /tmp are tmpfs unless something else is mounted there', () => {
    const typesOf = (lines: string) => specOf(lines).filesystems.map(({ type, target }) => `${type} ${target}`);
    expect(typesOf('')).toEqual(['mount /', 'ram /run', 'ram /tmp']);
    expect(typesOf('[Files]\nBind=/x:/tmp/\n')).toEqual(['mount /', 'ram /run', 'mount /tmp/']);
  });
});

describe('the root', () => {
  test.each([
    ['', undefined, false],
    ['[Files]\nReadOnly=yes\n', undefined, true],
    ['[Exec]\nEphemeral=yes\n', 'ephemeral', false],
    ['[Files]\nVolatile=yes\n', 'yes', false],
    ['[Files]\nVolatile=state\n', 'state', false],
    ['[Exec]\nEphemeral=yes\n[Files]\nVolatile=overlay\n', 'overlay', false],
    ['[Exec]\nEphemeral=yes\n[Files]\nVolatile=no\n', 'ephemeral', false],
  ])('%j', (text, rootMode, readonly) => {
    const spec = specOf(text);
    expect(spec.rootMode).toBe(rootMode);
    expect(spec.filesystems[0]).toMatchObject({ type: 'mount', source: '/srv/web', target: '/', readonly });
  });

  test('another root and users of the host are kept, and refused at the start', () => {
    const spec = specWithWarnings(
      '[Exec]\nPivotRoot=/sysroot:/old\nPrivateUsers=yes\n[Files]\nBindUser=ann\nBindUser=bob 1x\n',
    );
    expect(spec.kept?.map(({ key, value }) => `${key}=${value}`)).toEqual([
      'PivotRoot=/sysroot:/old',
      'BindUser=ann bob',
    ]);
    expect(spec.refusals).toEqual([
      "PivotRoot='/sysroot:/old' asks for another root inside the root",
      "BindUser='ann bob' asks for users of the host inside",
    ]);
  });
});
