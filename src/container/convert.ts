/** convert: a configuration in another format. */
import { type Diagnostic, loadFormat, parseLikeLibvirt, type TextFormat } from '../config/index.js';
import { CtrError } from '../errors.js';
import { convertDefinition } from './convert-spec.js';
import { describeText, type GivenOptions, type GivenText, readGiven, withUsualRoot } from './given-text.js';
import { type ParsedGiven, readGivenSpec } from './read-spec.js';
import { openSources } from './sources.js';

export interface ConvertOptions extends GivenOptions {
  readonly to: TextFormat;
  /** How messages call the text; default `definition`. */
  readonly file?: string | undefined;
  /** From LXC to libvirt's XML as `virsh domxml-from-native lxc-tools` does it. */
  readonly likeLibvirt?: boolean | undefined;
  /** For libvirt's XML, which then names the MAC addresses as well. */
  readonly uuid?: string | undefined;
  /** Path of `<emulator>`, with `likeLibvirt`. */
  readonly emulator?: string | undefined;
}

export interface Converted {
  readonly text: string;
  /** What the text lost, or says otherwise, one line each. */
  readonly losses: readonly string[];
  /** What the given text says without effect. */
  readonly warnings: readonly Diagnostic[];
  /** The warnings as text for people, '' for none. */
  readonly renderedWarnings: string;
}

/** @throws CtrError CTR_BAD_CONFIG, CTR_BAD_NAME, CTR_UNSUPPORTED, CTR_USAGE (options that exclude each other), CTR_IO */
export function convert(text: string, options: ConvertOptions): Converted {
  return convertGiven(describeText(text, options.file ?? 'definition', options), options);
}

/** As `convert`, from a file or a directory with one in it; `-` is stdin. @throws as `convert` */
export async function convertFile(path: string, options: Omit<ConvertOptions, 'file'>): Promise<Converted> {
  const given = await readGiven(path, options);
  await loadFormat(options.to);
  return convertGiven(given, options);
}

function convertGiven(given: GivenText, options: ConvertOptions): Converted {
  const { to, likeLibvirt = false, uuid } = options;
  checkOptions(given, options);
  const rooted = withUsualRoot(given);
  const { definition, warnings, rendered } = likeLibvirt ? readLikeLibvirt(given, options) : readGivenSpec(rooted);
  // The like of libvirt has put it into the text already.
  const converted = convertDefinition(definition, to, {
    sources: openSources().sources,
    ...(uuid === undefined || likeLibvirt ? {} : { uuid }),
  });
  const { text, losses } = converted;
  const guess = rooted === given ? [] : [`root file system is taken to be '${rooted.rootfs}': --rootfs DIR says it`];
  return { text, losses: [...guess, ...losses], warnings, renderedWarnings: rendered };
}

function readLikeLibvirt(given: GivenText, { uuid, emulator }: ConvertOptions): ParsedGiven {
  return readGivenSpec(given, (text, options) =>
    parseLikeLibvirt(text, {
      ...options,
      ...(uuid === undefined ? {} : { uuid }),
      ...(emulator === undefined ? {} : { emulator }),
    }),
  );
}

function checkOptions(given: GivenText, { to, likeLibvirt = false, uuid, emulator }: ConvertOptions): void {
  const fail = (reason: string) => new CtrError('CTR_USAGE', `cannot convert '${given.file}': ${reason}`);
  if (likeLibvirt && (given.format !== 'lxc' || to !== 'libvirt')) throw fail('--like-libvirt is from lxc to xml');
  if (emulator !== undefined && !likeLibvirt) throw fail('--emulator goes with --like-libvirt');
  if (emulator !== undefined && !emulator.startsWith('/')) throw fail(`emulator '${emulator}' is no absolute path`);
  if (uuid === undefined) return;
  if (to !== 'libvirt') throw fail('--uuid goes with --to xml');
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) {
    throw fail(`uuid '${uuid}' is not written as in 'c7a5fdbd-edaf-9455-926a-d65c16db1809'`);
  }
}
