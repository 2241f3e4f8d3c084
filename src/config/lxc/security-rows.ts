import { CAPABILITY_NAMES, listBoundingSet } from '../capability-names.js';
import { quote } from '../display-text.js';
import type { ContainerSpec, SecurityLabelSpec } from '../spec.js';
import { kept, key, lines, refused, type ValueType } from './rows.js';
import { anyText, parseInteger, right, splitBlanks, unknownWord, WRONG, zeroOrOne } from './values.js';

/** Rows about ids, capabilities, system calls and labels. */

export interface IdLine {
  readonly kind: 'uid' | 'gid';
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

const ID_END = 4294967295;

const idLine: ValueType<IdLine> = {
  label: "'u' or 'g', the first id inside, the first on the host, and how many",
  parse: (text) => {
    const [letter, ...numbers] = splitBlanks(text);
    const [inside = -1, outside = -1, count = 0] = numbers.map((word) => parseInteger(word) ?? -1);
    if (!/^[ug]$/.test(letter ?? '') || numbers.length !== 3 || inside < 0 || outside < 0 || count < 1) return WRONG;
    if (inside + count > ID_END || outside + count > ID_END) {
      return { ok: false, reason: `the range goes beyond the last id, ${ID_END - 1}` };
    }
    return right({ kind: letter === 'u' ? 'uid' : 'gid', inside, outside, count });
  },
};

export const idmap = key('lxc.idmap', 'a range of ids of a user namespace; ids inside come first', idLine, {
  legacy: ['lxc.id_map'],
  list: true,
  print: (spec) =>
    (['uid', 'gid'] as const).flatMap((kind) =>
      lines(
        ...(spec.idmap?.[kind] ?? []).map(({ inside, outside, count }) => `${kind[0]} ${inside} ${outside} ${count}`),
      ),
    ),
});

const capabilities = (withNone: boolean): ValueType<readonly string[]> => ({
  label: 'capabilities between blanks',
  parse: (text) => {
    const names: string[] = [];
    for (const word of splitBlanks(text)) {
      const name = (/^\d+$/.test(word) ? CAPABILITY_NAMES[Number(word)] : undefined) ?? word;
      if (!CAPABILITY_NAMES.includes(name) && !(withNone && name === 'none')) {
        const bare = word.toLowerCase().replace(/^cap_/, '');
        return unknownWord(bare, CAPABILITY_NAMES, `${quote(word)} is no capability`);
      }
      names.push(name);
    }
    return right(names);
  },
});

export const capDrop = key('lxc.cap.drop', 'capabilities(7) that it has not, by name or number', capabilities(false), {
  list: true,
  byDefault: 'none: it has all',
  print: (spec) => {
    const { capabilities } = spec.features;
    if (capabilities.policy === 'deny') return [];
    const kept = listBoundingSet(capabilities);
    const named = [...capabilities.states.map(({ name }) => name), ...CAPABILITY_NAMES];
    const dropped = new Set(named.filter((name) => !kept.has(name)));
    return dropped.size === 0 ? [] : lines([...dropped].join(' '));
  },
});

export const capKeep = key(
  'lxc.cap.keep',
  'the only ones that it has; `none` takes back what stands before it. Not together with `lxc.cap.drop`',
  capabilities(true),
  {
    list: true,
    print: (spec) => {
      if (spec.features.capabilities.policy !== 'deny') return [];
      const kept = listBoundingSet(spec.features.capabilities);
      return lines(kept.size === 0 ? 'none' : [...kept].join(' '));
    },
  },
);

/** `none`, or the path of a file. */
export const seccompProfile = key(
  'lxc.seccomp.profile',
  "file of the rules for system calls, in LXC's format: see below; `none`: no rules",
  anyText,
  {
    legacy: ['lxc.seccomp'],
    byDefault: "ctr's own rules",
    print: ({ security: { seccomp } }) => {
      if (typeof seccomp === 'string') return seccomp === 'none' ? lines('none') : [];
      return lines(seccomp.file);
    },
  },
);

const labelOf = ({ security }: ContainerSpec, model: SecurityLabelSpec['model']) =>
  security.labels?.find((label) => label.model === model);

export const apparmorProfile = key(
  'lxc.apparmor.profile',
  'the AppArmor profile; `generated`: one that is made for it, `unconfined`: none',
  anyText,
  {
    legacy: ['lxc.aa_profile'],
    needs: 'AppArmor',
    print: (spec) => {
      const label = labelOf(spec, 'apparmor');
      if (label === undefined) return [];
      return lines({ none: 'unconfined', dynamic: 'generated', static: label.label }[label.type]);
    },
  },
);

export const apparmorNesting = key(
  'lxc.apparmor.allow_nesting',
  'containers may run inside: no masks below /proc',
  zeroOrOne,
  { byDefault: '0', print: ({ security }) => (security.nesting ? lines(1) : []) },
);

export const selinuxContext = key('lxc.selinux.context', 'the SELinux context; `unconfined_t`: none', anyText, {
  legacy: ['lxc.se_context'],
  needs: 'SELinux',
  print: (spec) => {
    const label = labelOf(spec, 'selinux');
    return label === undefined || label.type === 'dynamic'
      ? []
      : lines(label.type === 'none' ? 'unconfined_t' : label.label);
  },
});

export const noNewPrivs = key('lxc.no_new_privs', 'no program gains rights when it is executed', zeroOrOne, {
  byDefault: '0',
  print: ({ security }) => (security.noNewPrivs === true ? lines(1) : []),
});

const NOTIFY = 'a program that decides on system calls';

export const SECURITY_ROWS = [
  idmap,
  capDrop,
  capKeep,
  seccompProfile,
  kept('lxc.seccomp.allow_nesting', 'rules may be stacked', zeroOrOne, 'they always may', { quiet: ['0', '1'] }),
  refused('lxc.seccomp.notify.proxy', 'socket of a program that decides on system calls', anyText, NOTIFY),
  kept('lxc.seccomp.notify.cookie', 'what that program is told', anyText, 'it belongs to lxc.seccomp.notify.proxy'),
  apparmorProfile,
  kept('lxc.apparmor.allow_incomplete', 'AppArmor without its mount rules will do', zeroOrOne, 'it is so anyway', {
    legacy: ['lxc.aa_allow_incomplete'],
    quiet: ['0'],
  }),
  apparmorNesting,
  refused('lxc.apparmor.raw', 'rules for a generated profile', anyText, 'rules of its own for AppArmor', {
    list: true,
  }),
  selinuxContext,
  kept('lxc.selinux.context.keyring', 'context of its keyring', anyText, 'keyrings have no label here'),
  kept('lxc.keyring.session', 'whether it has a keyring of its own', zeroOrOne, 'it has none of the host', {
    quiet: ['1'],
  }),
  noNewPrivs,
];
