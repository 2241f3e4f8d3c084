import { expect, test } from 'vitest';
import { describeNetworkXml } from '../../../../src/config/libvirt-network/describe-network-xml.js';

test('the page of network XML has what is acted on, and what a start refuses', () => {
  const page = describeNetworkXml();
  expect(page).toContain('| `forward@mode` |');
  expect(page.split('## What a start refuses')[1]).toContain('`virtualport`');
});
