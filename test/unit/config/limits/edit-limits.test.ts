import { describe, expect, test } from 'vitest';
import '../../../../src/config/all-formats.js';
import type { TextFormat } from '../../../../src/config/detect-format.js';
import type { Definition } from '../../../../src/config/format.js';
import { compareSpecs, parseDefinition } from '../../../../src/config/index.js';
import { editLimits, withLimits } from '../../../../src/config/limits/edit-limits.js';

const XML = `<domain type='lxc'>
  <name>web</name>
  <metadata><x:y xmlns:x='urn:x'>kept  as it is</x:y></metadata>
  <memory unit='MiB'>64</memory>
  <memtune><min_guarantee>5</min_guarantee><soft_limit unit='MiB'>32</soft_limit></memtune>
  <vcpu cpuset='0'>2</vcpu>
  <os><type>exe</type><init>/init</init></os>
  <devices>
    <filesystem><source dir='/srv'/><target dir='/'/></filesystem>
    <console type='pty'/>
  </devices>
</domain>`;
const LXC = `# a comment that stays
lxc.uts.name = web
lxc.rootfs.path = /srv
lxc.cgroup2.memory.max = 64M
lxc.cgroup.pids.max = 5

lxc.init.cmd = /init
`;
const OCI = JSON.stringify({
  ociVersion: '1.0.2',
  process: { args: ['/init'], cwd: '/', user: { uid: 0, gid: 0 } },
  root: { path: '/srv' },
  linux: { resources: { memory: { limit: 67108864 }, pids: { limit: 5 } } },
});

function read(text: string, format: TextFormat): Definition {
  const name = format === 'libvirt' || format === 'lxc' ? {} : { name: 'web' };
  const result = parseDefinition(text, {
    file: 'web',
    format,
    ...name,
    ...(format === 'nspawn' ? { rootfs: '/srv' } : {}),
  });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.definition;
}

const CHANGES = [
  ['memory', '96M'],
  ['memory.swap', '128M'],
  ['pids', '100'],
  ['cpu.shares', '512'],
  ['cpuset.cpus', '1'],
] as const;

describe('the text of a definition with other limits', () => {
  test.each([
    ['libvirt', XML],
    ['lxc', LXC],
    ['oci', OCI],
  ] satisfies [TextFormat, string][])('says them in the words of %s, and nothing else besides', (format, text) => {
    const changed = withLimits(read(text, format), CHANGES);
    const edited = editLimits(
      text,
      format,
      changed,
      CHANGES.map(([key]) => key),
    );
    expect(compareSpecs(changed.spec, read(edited?.text ?? '', format).spec)).toEqual([]);
    expect(changed.spec).toMatchObject({ pids: { max: 100 }, cpu: { shares: 512, cpuset: '1' } });
  });

  test('leaves what others have in a domain, and what has no effect', () => {
    const { text = '' } = editLimits(XML, 'libvirt', withLimits(read(XML, 'libvirt'), CHANGES), ['memory']) ?? {};
    expect(text).toContain("<x:y xmlns:x='urn:x'>kept  as it is</x:y>");
    expect(text).toMatch(/<min_guarantee[^>]*>5</);
    expect(text).toContain("<memory unit='KiB'>98304</memory>\n  <currentMemory unit='KiB'>98304</currentMemory>");
    expect(text).toContain("<vcpu placement='static' cpuset='1'>2</vcpu>");
    expect(text.indexOf('<memory')).toBeLessThan(text.indexOf('<os>'));
  });

  test('of LXC keeps its comments and other lines; what is taken away has no line', () => {
    const edit = (key: string, value: string) => {
      const changed = withLimits(read(LXC, 'lxc'), [[key, value]]);
      return editLimits(LXC, 'lxc', changed, [key])?.text;
    };
    expect(edit('memory', '96M')).toBe(
      `${LXC.replace('lxc.cgroup2.memory.max = 64M\n', '')}lxc.cgroup2.memory.max = 100663296\n`,
    );
    expect(edit('pids', 'max')).toBe(LXC.replace('lxc.cgroup.pids.max = 5\n', ''));
  });

  test('of nspawn has no words for them', () => {
    const definition = read('[Exec]\nBoot=yes\n', 'nspawn');
    const changed = withLimits(definition, CHANGES);
    expect(editLimits('[Exec]\nBoot=yes\n', 'nspawn', changed, ['memory'])).toBe(undefined);
  });
});
