import { expect, test } from 'vitest';
import { detectFormat } from '../../../src/config/detect-format.js';

test.for([
  ['vm.xml', '', 'libvirt'],
  ['/etc/vm.XML', '{', 'libvirt'],
  ['web.nspawn', '<domain/>', 'nspawn'],
  ['/var/lib/lxc/u1/config', '', 'lxc'],
  ['u1.conf', '# nothing yet\n', 'lxc'],
  ['bundle/config.json', '', 'oci'],
  ['web.json', '', 'json'],
] as const)('%s is what its name says', ([file, text, format]) => {
  expect(detectFormat(file, text)).toBe(format);
});

test.for([
  ['<?xml version="1.0"?>\n<domain/>', 'libvirt'],
  ['\uFEFF\n <!-- web --><domain type=', 'libvirt'],
  ['# of web\n; also\n[Network]\nPrivate=yes\n', 'nspawn'],
  ['[Exec]', 'nspawn'],
  ['\n# of u1\nlxc.uts.name = u1\n', 'lxc'],
  ['lxc.include=/usr/share/lxc/config/common.conf', 'lxc'],
  ['{"ociVersion": "1.0.2", "format": "x"}', 'oci'],
  ['{"process": {}, "root": {"path": "rootfs"}}', 'oci'],
  ['{"ociVersion": "1.0.2", ', 'oci'],
  ['{"format": "lxc", "name": "web"}', 'json'],
  ['{"format": "lxc", "name": ', 'json'],
] as const)('%j is what it looks like, whatever the name', ([text, format]) => {
  for (const file of ['-', 'definition', 'config', 'x.conf', 'x.json', 'config.json']) {
    expect({ file, format: detectFormat(file, text) }).toEqual({ file, format });
  }
});

test('what neither tells has no format', () => {
  for (const text of ['', '\n\n', 'hello', 'name = web', '\0\0', 'lxc.', '#'.repeat(1e6)]) {
    expect(detectFormat('-', text)).toBeUndefined();
  }
});
