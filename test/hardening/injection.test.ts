/** S76: hostile values on their way through every reader and printer. */
import fc from 'fast-check';
import type { TextFormat } from '../../src/config/detect-format.js';
import { createReport } from '../../src/config/diagnostics.js';
import { type ContainerSpec, formatDefinition, loadFormat, parseDefinition } from '../../src/config/index.js';
import { readXmlDocument } from '../../src/config/xml-document.js';
import type { XmlElement } from '../../src/config/xml-element.js';
import { describe, expect, makeSpec, test } from '../rig/index.js';

const FORMATS: readonly TextFormat[] = ['libvirt', 'nspawn', 'lxc', 'oci', 'json'];

test.beforeAll(async () => {
  for (const format of FORMATS) await loadFormat(format);
});

/** Each would be a line, an element or a key of its own if a printer let it. */
const INJECTIONS = [
  'x\nlxc.hook.pre-start = /evil',
  'x\r\nlxc.cap.drop =',
  'x\n[Exec]\nCapability=all',
  'x\n[Files]\nBind=/',
  'x\\\nlxc.mount.entry = / mnt none bind 0 0',
  "x'/><ctr:seccomp profile='none'/><x y='",
  ']]></value><!-- --><init>/evil</init>',
  'x","linux":{"seccomp":null},"y":"',
  'x"; evil',
  '$(evil) `evil` $evil',
  '%n%s %i',
  'x #y ;z',
  ' leading and trailing ',
  '"quoted"',
  "it's",
  '\t',
  '\u2028\u0085\u00a0',
  '-',
  '',
];

/** What such a value can reach. */
function poison(value: string): ContainerSpec {
  return makeSpec('/srv/root', {
    description: value,
    title: value,
    init: { path: '/init', args: [value, 'last'], env: [{ name: 'A', value }], cmdline: value },
    annotations: [{ name: 'note', value }],
    hooks: [{ when: 'pre-start', path: '/hook', args: ['-c', value], convention: 'lxc' }],
    cgroupFiles: [{ version: 2, file: 'misc.max', value }],
    process: { sysctls: [{ name: 'net.ipv4.ip_forward', value }] },
    filesystems: [
      { type: 'mount', source: '/srv/root', target: '/', readonly: false, accessMode: 'passthrough' },
      { type: 'mount', source: `/srv/${value}`, target: '/data', readonly: true, accessMode: 'passthrough' },
      { type: 'ram', target: '/scratch', readonly: false, data: value },
    ],
  });
}

/** What a spec may do to the host: nothing of it may come from a value. */
function powersOf({
  init,
  hooks = [],
  features,
  security,
  filesystems,
  namespaces,
  devices,
  process,
  idmap,
}: ContainerSpec) {
  return {
    // nspawn and LXC have no word for some arguments, and leave the start to its default then.
    init: [init.path, ...(init.fallbacks ?? [])].every((path) =>
      ['/init', '/sbin/init', '/bin/bash', '/bin/sh'].includes(path),
    ),
    user: init.user,
    arguments: init.args.length <= 2,
    variables: init.env.every(({ name }) => name === 'A'),
    hooks: hooks.every(({ path, when }) => ['/hook', '/bin/sh'].includes(path) && when === 'pre-start'),
    ambient: features.capabilities.ambient,
    privnet: features.privnet || namespaces?.net === undefined,
    masks: security.masks || security.maskedPaths !== undefined,
    seccomp: typeof security.seccomp,
    targets: filesystems
      .map(({ target }) => target)
      .filter((target) => !['/', '/data', '/scratch', '/run', '/tmp', '/dev/shm'].includes(target)),
    sources: filesystems.every((one) => !('source' in one) || one.source !== '/'),
    sysctls: (process?.sysctls ?? []).every(({ name }) => name === 'net.ipv4.ip_forward'),
    devices,
    idmap,
  };
}

/** Names of all elements and attributes of a print, sorted. */
function namesOf(text: string): string[] {
  const list = (element: XmlElement): string[] => [
    element.name,
    ...element.attributes.map(({ name }) => `@${name}`),
    ...element.children.flatMap(list),
  ];
  const root = readXmlDocument(text, createReport('x', text));
  return root === undefined ? ['no XML'] : list(root).toSorted();
}

/**
 * Undefined where the printer or the reader refuses: a title, for one, has no line ends. XML must be what it is without the value then.
 *
 * @throws Error when what is printed is no definition any more: a value has broken out
 */
function printAndRead(spec: ContainerSpec, format: TextFormat): ContainerSpec | undefined {
  let text: string;
  try {
    text = formatDefinition({ spec }, format);
  } catch {
    // A printer may refuse what its format cannot say.
    return undefined;
  }
  const rootfs = format === 'nspawn' ? { rootfs: '/srv/root' } : {};
  const result = parseDefinition(text, { file: 'x', format, name: 'vm', ...rootfs });
  if (result.ok) return result.definition.spec;
  if (format !== 'libvirt') throw new Error(`${format} cannot read what it has printed:\n${text}`);
  expect({ text, names: namesOf(text) }).toEqual({
    text,
    names: namesOf(formatDefinition({ spec: poison('a\nb') }, format)),
  });
  return undefined;
}

describe.each(FORMATS)('S76 %s', (format) => {
  test('prints no value so that it reads as something else', () => {
    const clean = printAndRead(poison('clean'), format);
    if (clean === undefined) throw new Error(`${format} cannot print the clean one`);
    for (const value of INJECTIONS) {
      const read = printAndRead(poison(value), format);
      if (read !== undefined) expect({ value, ...powersOf(read) }).toEqual({ value, ...powersOf(clean) });
    }
  });

  test('any text stays a text', () => {
    const powers = powersOf(printAndRead(poison('clean'), format) as ContainerSpec);
    const any = fc.string({ unit: fc.constantFrom(...'a=\n\r"\'<>&[]{},;:#\\/% \t$`|-+') });
    fc.assert(
      fc.property(any, (value) => {
        const read = printAndRead(poison(value), format);
        if (read === undefined) return;
        expect(powersOf(read)).toEqual(powers);
        const printed = read.init.env.find(({ name }) => name === 'A');
        if (printed !== undefined && printed.value !== value)
          expect([value.trim(), '']).toContain(printed.value.trim());
      }),
      { numRuns: 300 },
    );
  });
});
