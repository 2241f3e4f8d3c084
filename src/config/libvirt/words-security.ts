import { isSystemCall } from '../../security/seccomp-syscalls.js';
import type { CapabilitiesSpec, SeccompArgument, SeccompProfile, SeccompRule, SecuritySpec } from '../spec.js';
import type { DomainElement } from './domain-element.js';
import { CAPABILITY_NAMES } from './features-row.js';
import type { ValueType, Written } from './rows.js';
import { absolutePath, anyText, integer, matching, oneOf } from './values.js';
import {
  child,
  children,
  listWord,
  number,
  objectWord,
  text,
  textWord,
  tokens,
  tokensWord,
  type Word,
  wide,
} from './word.js';

/** Words about what a container may do to the kernel. */

const required = { required: true };
const ACTIONS = ['allow', 'errno', 'kill-thread', 'kill-process', 'trap', 'trace', 'log'];
const callName: ValueType = {
  label: 'the name of a system call',
  read: (name) => (isSystemCall(name) ? { ok: true, canonical: name } : { ok: false }),
};
const constant = matching('a name of capital letters, digits and _', /^[A-Z][A-Z0-9_]*$/);
const errno = integer(0, 4095);
const bits64 = matching('a whole number of at most 64 bits', /^\d{1,20}$/);

const argument = objectWord<SeccompArgument>('argument', 'a condition on an argument; all of a rule must hold', [
  number('index', 'which, from 0', integer(0, 5), required),
  text('op', 'how it compares', oneOf(['ne', 'lt', 'le', 'eq', 'ge', 'gt', 'masked-eq']), required),
  wide('value', 'with what; of `masked-eq` the mask', bits64, required),
  wide('value-two', 'of `masked-eq`: what the masked argument must equal', bits64, { key: 'valueTwo' }),
]);

const rule = objectWord<SeccompRule>('rule', 'what becomes of some system calls', [
  text('action', 'what', oneOf(ACTIONS), required),
  number('errno', 'of action `errno`; when missing: EPERM', errno),
  tokens('names', 'which calls', callName, required),
  child('args', listWord('arguments', 'conditions', argument)),
]);

type Filter = Partial<SeccompProfile> & { readonly profile: string };

function finishFilter(read: DomainElement, { element, report }: Written): DomainElement {
  const isOwn = read.attributes.get('profile') === 'own';
  if (isOwn && !read.attributes.has('default'))
    report.error(element.offset, "<seccomp> of profile 'own' needs the attribute 'default'");
  if (!isOwn && (read.attributes.size > 1 || read.children.length > 0))
    report.error(element.offset, "only a filter of profile='own' takes rules");
  return read;
}

const filter = objectWord<Filter>(
  'seccomp',
  'the system call filter',
  [
    text(
      'profile',
      '`os`, as when missing; `none`; or `own`: the rules given here',
      oneOf(['os', 'app', 'none', 'own']),
      required,
    ),
    text('default', 'what becomes of all other calls', oneOf(ACTIONS), { key: 'defaultAction' }),
    number('default-errno', 'of default `errno`; when missing: EPERM', errno, { key: 'defaultErrno' }),
    tokens('architectures', "SCMP_ARCH_…; when missing: the host's with its compatible ones", constant),
    tokens('flags', 'SECCOMP_FILTER_FLAG_…', constant),
    text('file', 'where it was read from', anyText),
    children('rules', rule),
  ],
  { finish: finishFilter },
);

/** The filter: a name, or a profile of its own. */
export const seccompWord: Word<SecuritySpec['seccomp']> = {
  row: filter.row,
  read: (element) => {
    const { profile, ...own } = filter.read(element);
    return profile === 'own' ? (own as SeccompProfile) : (profile as 'os' | 'app' | 'none');
  },
  write: (value) =>
    filter.write(typeof value === 'string' ? { profile: value, rules: [] } : { profile: 'own', ...value }),
};

const pathsWord = (name: string, about: string) =>
  listWord(name, about, textWord('path', 'absolute path inside', absolutePath));

export const maskedPathsWord = pathsWord('masked-paths', 'hidden besides, or instead where masks are off');
export const readonlyPathsWord = pathsWord('readonly-paths', 'likewise read-only');

/** capabilities(7) that libvirt's format cannot name. */
export const NEWER_CAPABILITIES = ['audit_read', 'perfmon', 'bpf', 'checkpoint_restore'];
const capabilityName = { ...oneOf([...CAPABILITY_NAMES, ...NEWER_CAPABILITIES]), label: 'a name of capabilities(7)' };

const set = (name: string, about: string) => child(name, tokensWord(name, about, capabilityName));

export const capabilitiesWord = objectWord<Partial<CapabilitiesSpec>>(
  'capabilities',
  'what libvirt has no word for; names of capabilities(7) in lower case',
  [
    child(
      'states',
      listWord(
        'newer',
        'states of capabilities that libvirt cannot name',
        objectWord<CapabilitiesSpec['states'][number]>('capability', 'one', [
          text('name', 'which', oneOf(NEWER_CAPABILITIES), required),
          text('state', 'whether the container may have it', oneOf(['on', 'off']), required),
        ]),
      ),
    ),
    set('ambient', 'also kept over execve(2) by a user that is not root'),
    set('effective', 'the effective set, where it differs from the bounding set'),
    set('permitted', 'likewise the permitted set'),
    set('inheritable', 'likewise the inheritable set'),
  ],
);
