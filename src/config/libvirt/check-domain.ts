import type { Report } from '../diagnostics.js';
import type { XmlElement } from '../xml-element.js';
import { checkIdmap } from './check-idmap.js';
import { checkLinkNames } from './check-link-names.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import { findRefusals } from './find-refusals.js';
import { misplaced } from './place-among.js';
import type { Places } from './places.js';
import { listFilesystems } from './read-filesystem-spec.js';
import { listInterfaces } from './read-interface-spec.js';
import { readExtension } from './read-spec.js';

/** The rules between elements. Values that could not be read are missing here, and already reported. */
export function checkDomain(
  domain: DomainElement,
  origins: ReadonlyMap<DomainElement, XmlElement>,
  report: Report,
): void {
  const places: Places = {
    report,
    at: (element, attribute) => {
      const source = origins.get(element);
      const written = source?.attributes.find(({ name }) => name === attribute);
      return written?.valueOffset ?? source?.offset ?? 0;
    },
  };
  const devices = descendant(domain, 'devices');
  checkIdmap(descendant(domain, 'idmap'), places);
  checkHostRoot(domain, places);
  checkIds(domain, places);
  checkLinkNames(childrenOf(devices, 'interface'), linksOfHost(devices), places);
  checkMemtune(descendant(domain, 'memtune'), places);
  checkTargets(childrenOf(devices, 'disk'), places);
  if (!report.hasErrors()) checkPlaces(domain, devices, places);
  checkMappings(childrenOf(devices, 'filesystem'), descendant(domain, 'idmap') !== undefined, places);
  if (report.hasErrors()) return;
  warnOfRefusals(domain, places);
  if (childrenOf(devices, 'console').length === 0) {
    report.warning(
      places.at(devices ?? domain),
      'no <console>: this can be defined, but not started',
      "add <console type='pty'/>",
    );
  }
}

function checkMemtune(memtune: DomainElement | undefined, { report, at }: Places): void {
  const hard = descendant(memtune, 'hard_limit');
  const swap = descendant(memtune, 'swap_hard_limit');
  if (hard?.text === undefined || swap?.text === undefined || Number(swap.text) >= Number(hard.text)) return;
  report.error(at(swap), '<swap_hard_limit> counts memory and swap together: it must be at least <hard_limit>');
}

/** libvirt takes it as any other range; whoever has that id inside writes to the files of the host's root. */
function checkHostRoot(domain: DomainElement, { report, at }: Places): void {
  const word = descendant(domain, 'metadata', 'ctr:container', 'ctr:host-root');
  if (word?.attributes.get('state') === 'on') return;
  for (const range of childrenOf(descendant(domain, 'idmap'))) {
    if (Number(range.attributes.get('target')) !== 0) continue;
    const hint = "<ctr:host-root state='on'/> in ctr's metadata says that it is meant";
    report.warning(at(range, 'target'), 'a start refuses this: the id map has id 0 of the host', hint);
  }
}

function checkIds(domain: DomainElement, { report, at }: Places): void {
  const ids = descendant(domain, 'metadata', 'ctr:container', 'ctr:ids');
  const idmap = descendant(domain, 'idmap');
  if (ids === undefined || idmap === undefined) return;
  report.error(at(ids), `the ids are those of <idmap> in line ${report.lineOf(at(idmap))}: there is nothing to choose`);
}

function linksOfHost(devices: DomainElement | undefined): readonly DomainElement[] {
  return childrenOf(devices, 'hostdev').flatMap((hostdev) => descendant(hostdev, 'source', 'interface') ?? []);
}

function checkTargets(disks: readonly DomainElement[], { report, at }: Places): void {
  const seen = new Map<string, DomainElement>();
  for (const disk of disks) {
    const target = descendant(disk, 'target');
    const name = target?.attributes.get('dev');
    if (target === undefined || name === undefined) continue;
    const earlier = seen.get(name);
    if (earlier === undefined) seen.set(name, target);
    else report.error(at(target, 'dev'), `'${name}' is already the disk of line ${report.lineOf(at(earlier, 'dev'))}`);
  }
}

/** The extension's mounts and links have places among libvirt's. */
function checkPlaces(domain: DomainElement, devices: DomainElement | undefined, { report, at }: Places): void {
  const { filesystems, interfaces } = readExtension(domain);
  const extension = descendant(domain, 'metadata', 'ctr:container');
  const check = (name: string, plain: number, placed: readonly { readonly index: number }[]) => {
    const index = misplaced(plain, placed);
    if (index === undefined) return;
    const element = childrenOf(extension, `ctr:${name}`).find(
      ({ attributes }) => attributes.get('index') === String(index),
    );
    const all = plain + placed.length;
    const why = index < all ? 'is taken' : `is behind the last: there are ${all}`;
    report.error(at(element ?? domain, 'index'), `place ${index} among the ${name}s ${why}`, 'places count from 0');
  };
  check('filesystem', listFilesystems(devices, filesystems).length, filesystems);
  check('interface', listInterfaces(devices).length, interfaces);
}

function checkMappings(filesystems: readonly DomainElement[], hasIdmap: boolean, { report, at }: Places): void {
  for (const filesystem of filesystems) {
    const { attributes } = filesystem;
    if (attributes.get('accessmode') === 'mapped' && attributes.get('type') === 'mount' && !hasIdmap)
      report.warning(at(filesystem, 'accessmode'), "accessmode 'mapped' has no effect without an <idmap>");
  }
}

function warnOfRefusals(domain: DomainElement, { report, at }: Places): void {
  for (const { reason, element, attribute } of findRefusals(domain))
    report.warning(at(element, attribute), `this can be defined, but not started: ${reason}`);
}
