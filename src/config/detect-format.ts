/** Which format a text is in: by its file's name where that says it, else by how the text begins. Pure, and cheap to load. */
import type { ConfigFormat } from './spec.js';

/** What ctr reads and prints: the formats of others, and its own model as JSON. */
export type TextFormat = ConfigFormat | 'json';

/** The words that options use. */
export const FORMAT_WORDS = ['xml', 'nspawn', 'lxc', 'oci', 'json'] as const;
export type FormatWord = (typeof FORMAT_WORDS)[number];

/** The format of an option's word. */
export function formatOfWord(word: FormatWord): TextFormat {
  return word === 'xml' ? 'libvirt' : word;
}

/** As people call a format in a sentence. */
export const FORMAT_TITLES: Readonly<Record<TextFormat, string>> = {
  libvirt: 'libvirt XML',
  nspawn: 'systemd-nspawn settings',
  lxc: 'LXC configuration',
  oci: 'OCI config.json',
  json: "ctr's own JSON",
};

/**
 * The format of a text; undefined when neither name nor text tell.
 *
 * @param file its path, as given; only the last component counts
 */
export function detectFormat(file: string, text: string): TextFormat | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
  if (name.endsWith('.xml')) return 'libvirt';
  if (name.endsWith('.nspawn')) return 'nspawn';
  const content = detectContent(text);
  if (content !== undefined) return content;
  if (name === 'config.json') return 'oci';
  if (name.endsWith('.json')) return 'json';
  // Empty or all comments: the name is all there is.
  return name === 'config' || /\.(?:conf|config)$/.test(name) ? 'lxc' : undefined;
}

/** Longer beginnings are no comments of people. Keeps this linear in a bounded text. */
const HEAD_LENGTH = 65536;

function detectContent(text: string): TextFormat | undefined {
  const head = text
    .slice(0, HEAD_LENGTH)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (head.startsWith('<')) return 'libvirt';
  if (head.startsWith('{')) return isOci(text) ? 'oci' : 'json';
  for (const line of head.split(/\r\n?|\n/)) {
    const content = line.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    if (content.startsWith('[')) return 'nspawn';
    return /^lxc\.[a-z0-9_.-]+\s*(?:\+|:)?=/i.test(content) ? 'lxc' : undefined;
  }
  return undefined;
}

/** Our own JSON names its `format`; `ociVersion` is required by the OCI runtime specification. A broken text may be either. */
function isOci(text: string): boolean {
  if (text.length <= HEAD_LENGTH) {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) return 'ociVersion' in value || !('format' in value);
    } catch {
      // Its reader says what is wrong.
    }
  }
  return /"ociVersion"\s*:/.test(text) || !/"format"\s*:/.test(text);
}
