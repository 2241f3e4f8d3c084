import { attribute, type ElementRow, element } from './rows.js';
import { integer, oneOf, signalName } from './values.js';

/** Names ctr's extension of libvirt's format. libvirt keeps it in `<metadata>` and does not look inside. */
export const CTR_NAMESPACE = 'urn:ctr:container:1.0';

/** The prefix printed. Read is any prefix with this namespace. */
const prefix = 'ctr';

function own(name: string, about: string, options: Partial<ElementRow>): ElementRow {
  return element(name, about, { namespace: CTR_NAMESPACE, prefix, ...options });
}

const required = { required: true };
const state = (about: string) => [attribute('state', about, oneOf(['on', 'off']), required)];

/** `<ctr:container>`: what libvirt's format has no word for. */
export const extensionRow: ElementRow = own('container', 'what the format has no word for', {
  dropEmpty: true,
  children: [
    own('pids', 'limit of processes and threads', {
      attributes: [attribute('max', 'at most so many', integer(1, 4194304), required)],
    }),
    own('seccomp', 'the system call filter', {
      attributes: [attribute('profile', '`os`, as when missing, or `none`', oneOf(['os', 'none']), required)],
    }),
    own('masks', 'hiding of sensitive files in /proc and /sys', { attributes: state('`on` as when missing') }),
    own('nesting', 'the container may mount a fresh procfs itself', { attributes: state('`off` as when missing') }),
    own('signal', 'signals for init', {
      attributes: [attribute('stop', 'what `stop` sends; when missing: chosen by what init is', signalName, required)],
    }),
  ],
  finish: (read) =>
    read.children.length === 0 ? undefined : { ...read, attributes: new Map([[`xmlns:${prefix}`, CTR_NAMESPACE]]) },
});
