/** attach-device, detach-device: one device more or less in a stored libvirt definition. */
import {
  addDevice,
  type Definition,
  FORMAT_TITLES,
  formatLibvirtXml,
  parseDefinition,
  readDevice,
  removeDevice,
} from '../config/index.js';
import { CtrError } from '../errors.js';
import { readDefinition } from '../state/store.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { type Changed, replaceText } from './edit.js';
import { parseStored } from './read-spec.js';
import { renderRead } from './render-read.js';

export interface DeviceOptions extends CtrOptions {
  /** How messages call the device's text; default `device`. */
  readonly file?: string | undefined;
}

const EDITS = {
  attach: { edit: addDevice, where: 'to' },
  detach: { edit: removeDevice, where: 'from' },
} as const;

/**
 * Adds one `<filesystem>`, `<interface>`, `<disk>`, `<hostdev>` or `<console>` to a container's definition: the next start has it.
 * The definition is stored in libvirt's canonical form then, with its uuid and MAC addresses.
 *
 * @param device the element's text
 * @throws CtrError CTR_NOT_FOUND, CTR_BAD_CONFIG (faults of the device; one of its kind with the same target, MAC address or source is
 *   there), CTR_UNSUPPORTED (a definition in another format), CTR_LOCKED, CTR_BAD_STATE, CTR_IO
 */
export async function attachDevice(name: string, device: string, options: DeviceOptions = {}): Promise<Changed> {
  return editDevices('attach', name, device, options);
}

/** Takes away the one that fits: by target, MAC address or source; an interface also by what is said of it. @throws as `attachDevice` */
export async function detachDevice(name: string, device: string, options: DeviceOptions = {}): Promise<Changed> {
  return editDevices('detach', name, device, options);
}

async function editDevices(
  verb: keyof typeof EDITS,
  name: string,
  given: string,
  options: DeviceOptions,
): Promise<Changed> {
  checkName(name);
  const { edit, where } = EDITS[verb];
  const intent = `${verb} a device ${where}`;
  const paths = openPaths(options);
  const stored = readDefinition(intent, paths, name);
  const { format, uuid } = stored.record;
  if (format !== 'libvirt') {
    throw new CtrError('CTR_UNSUPPORTED', `cannot ${intent} '${name}': it is defined by ${FORMAT_TITLES[format]}`, {
      hint: `ctr edit ${name}, or define what 'ctr dumpxml ${name}' prints, with --replace`,
    });
  }
  const file = options.file ?? 'device';
  const { device, diagnostics } = readDevice(given, file);
  if (device === undefined) {
    throw new CtrError('CTR_BAD_CONFIG', `cannot read device '${file}': it has faults`, {
      data: { diagnostics, rendered: renderRead({ file, text: given, diagnostics }) },
    });
  }
  // With all MAC addresses: those that are derived go by the order of the interfaces.
  const definition = canonical(parseStored(stored).definition, uuid);
  const edited = edit(documentOf(definition), device);
  if (!edited.ok) throw new CtrError('CTR_BAD_CONFIG', `cannot ${intent} '${name}': ${edited.reason}`);
  const changed = formatLibvirtXml({ ...definition, document: edited.document });
  const text = formatLibvirtXml(reread(changed, name));
  const { givesUp, refusals } = await replaceText(`${verb}-device`, paths, name, stored, text, options);
  // What the rest of the definition says without effect was told when it was defined, and refusals count all its devices.
  const warnings = diagnostics.filter(({ message }) => !message.startsWith('this can be defined, but not started'));
  return { warnings, renderedWarnings: renderRead({ file, text: given, diagnostics: warnings }), givesUp, refusals };
}

function canonical(definition: Definition, uuid: string): Definition {
  return reread(formatLibvirtXml(definition, { uuid }), definition.spec.name);
}

/** @throws CtrError CTR_BAD_CONFIG when the whole contradicts itself: two interfaces of one name, say */
function reread(text: string, file: string): Definition {
  const result = parseDefinition(text, { file });
  if (result.ok) return result.definition;
  const { diagnostics } = result;
  throw new CtrError('CTR_BAD_CONFIG', `cannot change the devices of '${file}': the definition would have faults`, {
    data: { diagnostics, rendered: renderRead({ file, text, diagnostics }) },
  });
}

function documentOf({ document, spec }: Definition) {
  if (document === undefined) throw new TypeError(`no document of ${spec.name}`);
  return document;
}
