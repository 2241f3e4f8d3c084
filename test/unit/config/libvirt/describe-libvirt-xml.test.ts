import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeLibvirtXml } from '../../../../src/config/index.js';

test('the reference page is what the tables say; `npm run generate` renews it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/reference/libvirt-xml.md'), 'utf8');
  expect(page).toBe(describeLibvirtXml());
});

test('the page names elements of every kind, each variant once', () => {
  const page = describeLibvirtXml();
  for (const name of [
    '`memtune/hard_limit`',
    '`idmap/uid@start`',
    '`capabilities/NAME@state`',
    '`ctr:signal@stop`',
    '`graphics`',
    '`ctr:signal@reboot`',
    '`iotune`',
    "With `type='ram'`",
  ]) {
    expect(page.split(name).length - 1, name).toBe(1);
  }
});
