import { type DomainElement, type DomainNode, isElement } from './domain-element.js';
import { objectName } from './network-values.js';
import { attribute, type ElementRow, element, type ValueType, type Written } from './rows.js';
import { anyText, integer, matching, oneOf } from './values.js';

/** Namespace of libvirt's extension for its LXC driver. */
export const LXC_NAMESPACE = 'http://libvirt.org/schemas/domain/lxc/1.0';

const own = { namespace: LXC_NAMESPACE, prefix: 'lxc' };

const VALUES: Readonly<Record<string, ValueType>> = {
  name: objectName,
  pid: integer(1, 4194304),
  netns: matching("a name below /run/netns, without '/'", /^(?!\.{1,2}$)[^/\s]+$/),
};

function finishSharing(read: DomainElement, { report, attributeOffset }: Written): DomainElement | undefined {
  const type = VALUES[read.attributes.get('type') ?? ''];
  if (type === undefined) return undefined;
  const value = read.attributes.get('value') ?? '';
  const reading = type.read(value);
  if (reading.ok) return { ...read, attributes: new Map([...read.attributes, ['value', reading.canonical]]) };
  report.error(
    attributeOffset('value'),
    `attribute 'value' of <${read.name}> ${reading.reason ?? `must be ${type.label}`}`,
  );
  return read;
}

function sharing(name: string, about: string, types: readonly string[]): ElementRow {
  return element(name, about, {
    ...own,
    attributes: [
      attribute(
        'type',
        '`name`: of a running container; `pid`: of a process; `netns`: of /run/netns',
        oneOf(types, { none: 'it is dropped, as by libvirt' }),
        { required: true },
      ),
      attribute('value', 'the name or number', anyText, { required: true }),
    ],
    finish: finishSharing,
  });
}

/** `<lxc:namespace>`: namespaces of something else instead of the container's own. */
export const sharingRow = element('namespace', 'namespaces of something else instead of its own', {
  ...own,
  dropEmpty: true,
  children: [
    sharing('sharenet', 'whose network', ['name', 'pid', 'netns']),
    sharing('shareipc', 'whose IPC objects', ['name', 'pid']),
    sharing('shareuts', 'whose host name', ['name', 'pid']),
  ],
});

/** libvirt declares the prefix at the root element where it is used. */
export function declareLxcPrefix(domain: DomainElement): DomainElement {
  const uses = (node: DomainNode) => isElement(node) && node.name === 'lxc:namespace';
  if (!domain.children.some(uses)) return domain;
  return { ...domain, attributes: new Map([...domain.attributes, ['xmlns:lxc', LXC_NAMESPACE]]) };
}
