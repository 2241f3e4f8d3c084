import type { ValueType } from '../libvirt/rows.js';

const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

/** A name of the domain name system (RFC 1035, section 2.3.1): what can stand in a configuration of dnsmasq without being more than a name. */
export const domainName: ValueType = {
  label: 'a domain name of letters, digits and hyphens between dots',
  read: (text) =>
    text.length <= 253 && text.split('.').every((label) => LABEL.test(label))
      ? { ok: true, canonical: text }
      : { ok: false },
};

/** A text that dnsmasq takes as one value: printable, without what separates values. */
export const txtValue: ValueType = {
  label: 'printable text without a comma or a quotation mark, at most 255 characters',
  read: (text) => (/^[ !#-+\x2d-~]{1,255}$/.test(text) ? { ok: true, canonical: text } : { ok: false }),
};
