import { type DomainElement, descendant } from './domain-element.js';
import { attribute, element, live, type Written } from './rows.js';
import { nonEmptyText, oneOf, yesNo } from './values.js';

/** What libvirt's parser demands of a label, and the attributes that it fills in. */
function finishSeclabel(read: DomainElement, { element: source, report, attributeOffset }: Written): DomainElement {
  const { attributes } = read;
  const type = attributes.get('type') ?? 'dynamic';
  const relabel = attributes.get('relabel');
  const has = (name: string) => descendant(read, name) !== undefined;
  if (type === 'static' && !has('label')) report.error(source.offset, "<seclabel> of type 'static' needs <label>");
  if (type === 'none' && has('label')) report.error(source.offset, "<seclabel> of type 'none' takes no <label>");
  if (type !== 'dynamic' && has('baselabel'))
    report.error(source.offset, `<seclabel> of type '${type}' takes no <baselabel>`);
  if (attributes.get('model') === undefined && needsModel(source, type, has('baselabel')))
    report.error(source.offset, "<seclabel> needs the attribute 'model'");
  if (relabel === 'no' && type === 'dynamic')
    report.error(attributeOffset('relabel'), "a label of type 'dynamic' is always applied: 'relabel' cannot be 'no'");
  if (relabel === 'yes' && type === 'none')
    report.error(attributeOffset('relabel'), "without a label nothing is labelled: 'relabel' cannot be 'yes'");
  const model = attributes.get('model');
  const filled = new Map([['type', type]]);
  if (model !== undefined) filled.set('model', model);
  if (type !== 'none') filled.set('relabel', relabel ?? (type === 'dynamic' ? 'yes' : 'no'));
  // Of a dynamic label the text is what libvirt prints about a running domain
  const children = read.children.filter((node) => type === 'static' || !('name' in node) || node.name === 'baselabel');
  return { ...read, attributes: filled, children };
}

/** Without its model a label can only be none, or one that the host chooses and is said to be so. */
function needsModel({ attributes }: Written['element'], type: string, hasBase: boolean): boolean {
  if (type === 'none') return false;
  return type === 'static' || hasBase || !attributes.some(({ name }) => name === 'type');
}

/** `<seclabel>`: a label of SELinux or AppArmor. */
export const seclabelRow = element('seclabel', 'a label of SELinux or AppArmor', {
  many: true,
  attributes: [
    attribute(
      'type',
      '`static`: the one given here; `dynamic`: one that the host chooses; `none`: unlabelled',
      oneOf(['dynamic', 'static', 'none']),
      { byDefault: 'dynamic' },
    ),
    attribute('model', '`selinux` or `apparmor`; a start refuses a label of another', nonEmptyText),
    attribute('relabel', 'whether files get the label; `yes` for dynamic, `no` for static when missing', yesNo),
  ],
  children: [
    element('label', 'of type `static`: the label', { text: nonEmptyText }),
    live('imagelabel', 'the label of files of a running domain'),
    element('baselabel', 'of type `dynamic`: what the label is made from', { text: nonEmptyText }),
  ],
  finish: finishSeclabel,
});
