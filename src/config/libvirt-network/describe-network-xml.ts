import { listFate } from '../libvirt/describe-fates.js';
import { describeSection } from '../libvirt/describe-libvirt-xml.js';
import { networkRow } from './network-rows.js';

const HEAD = `# libvirt's network XML

<!-- Generated from the tables in src/config/libvirt-network/ by \`npm run generate\`. Do not edit. -->

\`ctr net define\` reads libvirt's \`<network>\` and \`ctr net dumpxml\` prints it in libvirt's canonical form, with everything
that \`ctr\` has chosen. Every element and attribute it knows is on this page; any other is an error, with its line, its column and
the nearest known name. [Networks](../networks.md) says what becomes of them.

An element stands at most once, unless it is marked with "…". An attribute is written as \`element@attribute\`.

## What ctr acts on
`;

const FATES = [
  { standing: 'ignored', title: 'What is kept without effect' },
  { standing: 'live', title: 'What is dropped' },
  { standing: 'refused', title: 'What a start refuses' },
] as const;

/** The reference page of networks, in Markdown, made from the tables that the reader goes by. */
export function describeNetworkXml(): string {
  const fates = FATES.map(({ standing, title }) => `## ${title}\n\n${listFate(networkRow, standing)}\n`);
  return `${[HEAD, ...describeSection(networkRow, 'network'), ...fates].join('\n').trimEnd()}\n`;
}
