import type { Report } from '../diagnostics.js';
import type { XmlElement } from '../xml-element.js';
import { checkIdmap } from './check-idmap.js';
import { checkLinkNames } from './check-link-names.js';
import { childrenOf, type DomainElement, descendant } from './domain-element.js';
import type { Places } from './places.js';

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
  checkLinkNames(childrenOf(devices, 'interface'), places);
  checkMemtune(descendant(domain, 'memtune'), places);
  checkFilesystems(childrenOf(devices, 'filesystem'), descendant(domain, 'idmap') !== undefined, places);
  if (childrenOf(devices, 'console').length === 0 && !report.hasErrors()) {
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

function checkFilesystems(filesystems: readonly DomainElement[], hasIdmap: boolean, { report, at }: Places): void {
  for (const filesystem of filesystems) {
    const type = filesystem.attributes.get('type');
    const isRoot = descendant(filesystem, 'target')?.attributes.get('dir')?.match(/^\/+$/);
    if (isRoot && type !== 'mount') {
      report.warning(
        at(filesystem, 'type'),
        `a root of type '${type}': this can be defined, but not started`,
        "the root takes type='mount'",
      );
    }
    if (filesystem.attributes.get('accessmode') === 'mapped' && type === 'mount' && !hasIdmap) {
      report.warning(at(filesystem, 'accessmode'), "accessmode 'mapped' has no effect without an <idmap>");
    }
  }
}
