import { describe, expect, test } from 'vitest';
import type { ContainerSpec, FilesystemSpec } from '../../../../src/config/index.js';
import { formatLibvirt, readLibvirt } from '../../../../src/config/libvirt/parse-libvirt-xml.js';
import { define, domainText, errorsOf, remarksOf } from '../domain-text.js';

const { warnings: _, ...plain } = define(domainText());

const withParts = (parts: Partial<ContainerSpec>) => formatLibvirt({ ...plain.spec, ...parts });

const metadata = (content: string) =>
  `<metadata>\n<ctr:container xmlns:ctr='urn:ctr:container:1.0'>\n${content}\n</ctr:container></metadata>`;

describe('mounts', () => {
  const mount: FilesystemSpec = {
    type: 'mount',
    source: '/srv',
    target: '/srv',
    readonly: false,
    accessMode: 'passthrough',
  };
  const special: FilesystemSpec = {
    type: 'special',
    fstype: 'mqueue',
    source: 'x',
    target: '/dev/mqueue',
    readonly: false,
  };

  test('the order of mounting survives a part of them in the extension', () => {
    const filesystems = [
      special,
      mount,
      { ...mount, target: '/b', flags: ['noexec' as const] },
      { ...mount, target: '/c' },
    ];
    const text = withParts({ filesystems });
    expect(text.match(/<filesystem /g)).toHaveLength(2);
    expect(text.match(/<ctr:filesystem index='[02]'/g)).toHaveLength(2);
    expect(readLibvirt(text, { file: 'x' }).definition?.spec.filesystems).toEqual(filesystems);
  });

  test("a root with options stays libvirt's root as well, so that libvirt never takes the host's", () => {
    const root: FilesystemSpec = { ...mount, target: '/', propagation: 'rslave' };
    const text = withParts({ filesystems: [root] });
    expect(text).toContain("      <source dir='/srv'/>\n      <target dir='/'/>\n");
    expect(readLibvirt(text, { file: 'x' }).definition?.spec.filesystems).toEqual([root]);
  });

  test.each([
    [
      "<ctr:filesystem index='1' type='inaccessible' target='/a'/>",
      'place 1 among the filesystems is behind the last: there are 1',
    ],
    [
      "<ctr:filesystem index='0' type='inaccessible' target='/a'/><ctr:filesystem index='0' type='inaccessible' target='/b'/>",
      'place 0 among the filesystems is taken',
    ],
    [
      "<ctr:filesystem index='0' type='mount' source='/a' target='/a'/>",
      "<filesystem> of type 'mount' needs the attribute 'accessmode'",
    ],
    ["<ctr:filesystem index='0' type='overlay' target='/a'/>", "<filesystem> of type 'overlay' needs <lowers>"],
    [
      "<ctr:filesystem index='0' type='ram' target='/proc'/>",
      "attribute 'target' of <filesystem> must not be '/proc' or below it: ctr mounts it itself",
    ],
    ["<ctr:interface index='5' type='ipvlan'/>", 'place 5 among the interfaces is behind the last: there are 1'],
  ])('%s is refused', (content, fault) => {
    expect(errorsOf(domainText({ body: metadata(content) }))).toEqual([fault]);
  });
});

test('ids are given or chosen, not both', () => {
  const idmap = "<idmap><uid start='0' target='1' count='1'/><gid start='0' target='1' count='1'/></idmap>";
  const ids = metadata("<ctr:ids from='free' count='65536'/>");
  expect(errorsOf(domainText({ body: `${ids}\n${idmap}` }))).toEqual([
    'the ids are those of <idmap> in line 9: there is nothing to choose',
  ]);
  expect(define(domainText({ body: ids })).spec.idRange).toEqual({ from: 'free', count: 65536 });
});

describe('the filter', () => {
  test.each([
    ["<ctr:seccomp profile='own'/>", "<seccomp> of profile 'own' needs the attribute 'default'"],
    ["<ctr:seccomp profile='os' default='errno'/>", "only a filter of profile='own' takes rules"],
    [
      "<ctr:seccomp profile='own' default='allow'><ctr:rule names='read Write' action='errno'/></ctr:seccomp>",
      "attribute 'names' of <rule> must be the name of a system call; any number of them with spaces between, not 'read Write'",
    ],
  ])('%s is refused', (content, fault) => {
    expect(errorsOf(domainText({ body: metadata(content) }))).toEqual([fault]);
  });

  test('keeps numbers of 64 bits to the last digit', () => {
    const argument = { index: 0, op: 'masked-eq' as const, value: '18446744073709551615', valueTwo: 7 };
    const seccomp = {
      defaultAction: 'allow' as const,
      rules: [{ names: ['clone'], action: 'errno' as const, args: [argument] }],
    };
    const text = withParts({ security: { ...plain.spec.security, seccomp } });
    expect(readLibvirt(text, { file: 'x' }).definition?.spec.security.seccomp).toEqual(seccomp);
  });
});

test('a misspelt word is told its nearest neighbour', () => {
  expect(
    remarksOf(domainText({ body: metadata("<ctr:hostnmae>x</ctr:hostnmae>\n<ctr:autostart enable='yes'/>") })),
  ).toEqual([
    '7:1 error unknown element <hostnmae> in <container>; did you mean <hostname>?',
    "8:1 error <autostart> needs the attribute 'enabled'",
    "8:16 error unknown attribute 'enable' of <autostart>; did you mean 'enabled'?",
  ]);
});

test('a definition that libvirt can say whole has no extension', () => {
  expect(formatLibvirt(plain.spec)).not.toContain('ctr:');
});

test('entries that another format kept stay with that format', () => {
  expect(withParts({ kept: [{ format: 'lxc', key: 'lxc.x', value: '1' }] })).toBe(formatLibvirt(plain.spec));
});
