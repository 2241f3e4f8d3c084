import { describe, expect, test } from 'vitest';
import { formatLibvirt, readLibvirt } from '../../../../src/config/libvirt/parse-libvirt-xml.js';
import { domainText } from '../domain-text.js';

const ROOT = "<filesystem><source dir='/old'/><target dir='/'/><readonly/></filesystem>";

function read(text: string, options: { readonly name?: string; readonly rootfs?: string }) {
  const { definition, diagnostics } = readLibvirt(text, { file: 'web.xml', ...options });
  if (definition === undefined) throw new Error(JSON.stringify(diagnostics));
  return definition;
}

describe('a name from outside', () => {
  test('stands instead of that of the text, in the spec and in the print', () => {
    const definition = read(domainText(), { name: 'db' });
    expect(definition.spec.name).toBe('db');
    expect(formatLibvirt(definition.spec)).toContain('  <name>db</name>\n');
  });

  test('is enough where the text has none', () => {
    expect(read(domainText({ name: '' }), { name: 'db' }).spec.name).toBe('db');
  });

  test('is judged like that of a text', () => {
    const { definition, diagnostics } = readLibvirt(domainText(), { file: 'web.xml', name: 'a/b' });
    expect(definition).toBeUndefined();
    expect(diagnostics[0]?.message).toMatch(/^<name> must be .* not 'a\/b'$/);
  });
});

describe('a root from outside', () => {
  const mounts = (devices: string, body = '') =>
    read(domainText({ devices, body }), { rootfs: '/new' }).spec.filesystems;

  test('stands instead of that of the text, at its place and as read-only as that one', () => {
    const other = "<filesystem><source dir='/a'/><target dir='/b'/></filesystem>";
    expect(mounts(other + ROOT)).toEqual([
      { type: 'mount', source: '/a', target: '/b', readonly: false, accessMode: 'passthrough' },
      { type: 'mount', source: '/new', target: '/', readonly: true, accessMode: 'passthrough' },
    ]);
  });

  test('is the first mount where the text has no root, even without devices', () => {
    const root = { type: 'mount', source: '/new', target: '/', readonly: false, accessMode: 'passthrough' };
    expect(mounts("<filesystem><source dir='/a'/><target dir='/b'/></filesystem>")[0]).toEqual(root);
    const bare =
      "<domain type='lxc'><name>web</name><memory>65536</memory><os><type>exe</type><init>/init</init></os></domain>";
    expect(read(bare, { rootfs: '/new' }).spec.filesystems).toEqual([root]);
  });

  test('stands instead of a root of another type, and of one in the extension', () => {
    const image = "<filesystem type='file'><source file='/a.img'/><target dir='/'/><readonly/></filesystem>";
    expect(mounts(image)).toMatchObject([{ type: 'mount', source: '/new', target: '/', readonly: true }]);
    const body =
      "<metadata><c:container xmlns:c='urn:ctr:container:1.0'><c:filesystem index='0' type='mount' target='/' source='/old' accessmode='owner' flags='nosuid'/></c:container></metadata>";
    expect(mounts(ROOT, body)).toEqual([
      { type: 'mount', source: '/new', target: '/', readonly: false, accessMode: 'owner', flags: ['nosuid'] },
    ]);
  });
});
