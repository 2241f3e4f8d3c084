import { quote } from '../display-text.js';
import type { KernelMountsSpec } from '../spec.js';
import type { Parsed, ValueType } from './rows.js';
import { right, splitBlanks, unknownWord } from './values.js';

/** What the tokens of one `lxc.mount.auto` ask for. */
export interface AutoMounts {
  readonly mounts: KernelMountsSpec;
  /** `shmounts:…`, which has no effect here. */
  readonly kept: readonly string[];
  /** The whole hierarchy of the host is asked for. */
  readonly isFull: boolean;
}

type Part = Pick<KernelMountsSpec, 'proc' | 'sys' | 'cgroup'>;

/**
 * By token. In LXC `cgroup` without a mode is writable as far as the container's own group goes, and so is `mixed`: above that
 * nothing is in sight in a cgroup namespace.
 */
const TOKENS: Readonly<Record<string, Part>> = {
  proc: { proc: 'guarded' },
  'proc:mixed': { proc: 'guarded' },
  'proc:rw': { proc: 'writable' },
  sys: { sys: 'mixed' },
  'sys:mixed': { sys: 'mixed' },
  'sys:ro': { sys: 'readonly' },
  'sys:rw': { sys: 'writable' },
  ...Object.fromEntries(['cgroup', 'cgroup-full'].flatMap((word) => cgroupTokens(word, ['', ':mixed', ':rw', ':ro']))),
  ...Object.fromEntries(cgroupTokens('cgroup2', ['', ':ro'])),
};

function cgroupTokens(word: string, modes: readonly string[]): [string, Part][] {
  return modes.flatMap((mode) => {
    const part: Part = { cgroup: mode === ':ro' ? 'readonly' : 'writable' };
    return [`${word}${mode}`, `${word}${mode}:force`].map((token): [string, Part] => [token, part]);
  });
}

export const autoMounts: ValueType<AutoMounts> = {
  label: "words like 'proc:mixed', 'sys:ro', 'cgroup:mixed' between blanks",
  parse: (text): Parsed<AutoMounts> => {
    let mounts: KernelMountsSpec = {};
    const kept: string[] = [];
    let isFull = false;
    for (const token of splitBlanks(text)) {
      const part = Object.hasOwn(TOKENS, token) ? TOKENS[token] : undefined;
      if (/^shmounts:[^:]+(:[^:]+)?$/.test(token)) kept.push(token);
      else if (part === undefined) return unknownWord(token, Object.keys(TOKENS), `${quote(token)} is no such mount`);
      mounts = { ...mounts, ...part };
      isFull ||= token.startsWith('cgroup-full');
    }
    return right({ mounts, kept, isFull });
  },
};

/** What is absent is ctr's own way, and LXC must be told of it: it mounts nothing by itself. */
export function formatAutoMounts(mounts: KernelMountsSpec = {}): string[] {
  const { proc = 'guarded', sys = 'readonly', cgroup = 'readonly' } = mounts;
  const words = {
    proc: { guarded: 'proc:mixed', writable: 'proc:rw', none: undefined },
    sys: { readonly: 'sys:ro', mixed: 'sys:mixed', writable: 'sys:rw', none: undefined },
    cgroup: { readonly: 'cgroup:ro', writable: 'cgroup:rw', none: undefined },
  };
  const tokens = [words.proc[proc], words.sys[sys], words.cgroup[cgroup]].filter((token) => token !== undefined);
  return tokens.length === 0 ? [] : [tokens.join(' ')];
}
