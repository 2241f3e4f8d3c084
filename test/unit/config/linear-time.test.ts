import { expect, test } from 'vitest';
import { parseDefinition, renderDiagnostics } from '../../../src/config/index.js';
import { LINEAR, measureGrowth } from './growth.js';

/** Reads and renders, so everything that a hostile file can slow down is in it. */
function run(text: string): void {
  const result = parseDefinition(text, { file: 'hostile.xml' });
  renderDiagnostics(result.ok ? result.warnings : result.diagnostics, text);
}

const inDomain = (content: string) => `<domain type='lxc'>${content}</domain>`;
const inDevices = (content: string) => inDomain(`<devices>${content}</devices>`);

test.each<readonly [string, (size: number) => string]>([
  ['character references', (size) => inDomain('&#65;'.repeat(size / 5))],
  ['undefined entities', (size) => inDomain('&x;'.repeat(size / 3))],
  ['elements that nobody knows', (size) => inDomain('<nmae/>'.repeat(size / 7))],
  ['elements without effect', (size) => inDevices('<graphics/>'.repeat(size / 11))],
  ['attributes', (size) => `<domain ${Array.from({ length: size / 10 }, (_, index) => `x${index}=''`).join(' ')}/>`],
  ['namespaces', (size) => inDomain(`<metadata>${"<p:b xmlns:p='u'/>".repeat(size / 18)}</metadata>`)],
  ['comments', (size) => inDomain('<!---->'.repeat(size / 7))],
  ['markup inside a value', (size) => `<domain type='${'<'.repeat(size)}'/>`],
  ['brackets', (size) => inDomain(']]>'.repeat(size / 3))],
  [
    'id ranges, all overlapping',
    (size) => inDomain(`<idmap>${"<uid start='0' target='0' count='1'/>".repeat(size / 37)}</idmap>`),
  ],
  [
    'links of one name',
    (size) => inDevices("<interface type='ethernet'><guest dev='x'/></interface>".repeat(size / 54)),
  ],
  ['consoles', (size) => inDevices('<console/>'.repeat(size / 10))],
  ['disks', (size) => inDevices("<disk><source file='/a'/><target dev='sda'/></disk>".repeat(size / 50))],
  [
    'devices of the host',
    (size) =>
      inDevices("<hostdev type='usb'><source><address bus='1' device='2'/></source></hostdev>".repeat(size / 76)),
  ],
  ['interfaces that no start gives', (size) => inDevices("<interface type='null'/>".repeat(size / 24))],
  [
    "mounts of ctr's extension",
    (size) =>
      inDomain(
        `<metadata><c:container xmlns:c='urn:ctr:container:1.0'>${"<c:filesystem index='0' type='inaccessible' target='/a'/>".repeat(size / 57)}</c:container></metadata>`,
      ),
  ],
])('%s: time grows with the length of the text, not with its square', { timeout: 60_000 }, (_, make) => {
  expect(measureGrowth(run, make)).toBeLessThan(LINEAR);
});
