import { ACCOUNT, ACCOUNT_RULE } from '../account.js';
import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';
import type { Reading, ValueType } from './rows.js';

/** Value types of attributes and texts that are not about networks. */

const right = (canonical: string): Reading => ({ ok: true, canonical });
const WRONG: Reading = { ok: false };

export const anyText: ValueType = { label: 'text', read: right };

export const nonEmptyText: ValueType = {
  label: 'text, not empty',
  read: (text) => (text === '' ? { ok: false, reason: 'must not be empty' } : right(text)),
};

export const oneLine: ValueType = {
  label: 'one line of text',
  read: (text) => (/[\r\n]/.test(text) ? WRONG : right(text)),
};

/** A text of a form. */
export function matching(label: string, form: RegExp, hint?: string): ValueType {
  return { label, read: (text) => (form.test(text) ? right(text) : hint === undefined ? WRONG : { ok: false, hint }) };
}

/** A whole number, both ends included. */
export function integer(min: number, max: number, unit = ''): ValueType {
  return {
    label: `a whole number from ${min} to ${max}${unit === '' ? '' : ` ${unit}`}`,
    read: (text) => {
      const digits = text.trim();
      if (!/^[+-]?\d{1,17}$/.test(digits)) return WRONG;
      const value = Number(digits);
      return value >= min && value <= max ? right(String(value + 0)) : WRONG;
    },
  };
}

/** A whole number, in decimal or, after `0x`, hexadecimal digits. */
export function hexInteger(min: number, max: number): ValueType {
  return {
    label: `a whole number from ${min} to ${max}, or the same as 0x…`,
    read: (text) => {
      if (!/^(0x[0-9A-Fa-f]{1,8}|\d{1,10})$/.test(text)) return WRONG;
      const value = Number(text);
      return value >= min && value <= max ? right(String(value)) : WRONG;
    },
  };
}

/** One of some words. `remarks` gives words that are accepted with a warning. */
export function oneOf(words: readonly string[], remarks: Readonly<Record<string, string>> = {}): ValueType {
  const all = [...words, ...Object.keys(remarks)];
  const label = all.length === 1 ? `'${all[0]}'` : `one of ${all.join(', ')}`;
  return {
    label,
    read: (text) => {
      if (!all.includes(text)) {
        const near = nearestName(text, all);
        return near === undefined ? WRONG : { ok: false, hint: `did you mean '${near}'?` };
      }
      const warning = Object.hasOwn(remarks, text) ? remarks[text] : undefined;
      return warning === undefined ? right(text) : { ok: true, canonical: text, warning };
    },
  };
}

/** `type`, less some values that are refused with a reason of their own. */
export function refusing(type: ValueType, reasonOf: (text: string) => string | undefined): ValueType {
  return {
    label: type.label,
    read: (text) => {
      const reason = reasonOf(text);
      return reason === undefined ? type.read(text) : { ok: false, reason };
    },
  };
}

export const yesNo: ValueType = oneOf(['yes', 'no']);

/** Permissions in octal; canonical with `digits` digits, the first of them 0. */
export function octalMode(digits = 4): ValueType {
  return {
    label: 'permissions in octal, like 0755',
    read: (text) =>
      /^0?[0-7]{1,4}$/.test(text) ? right(Number.parseInt(text, 8).toString(8).padStart(digits, '0')) : WRONG,
  };
}

/** A path from '/', without '..' components: what a path means does not depend on links on the way. */
export const absolutePath: ValueType = {
  label: "an absolute path without '..'",
  read: (text) => {
    if (!text.startsWith('/')) return { ok: false, reason: `must be an absolute path, not ${quote(text)}` };
    return text.split('/').includes('..') ? { ok: false, reason: "must not contain '..'" } : right(text);
  },
};

/** RFC 4122 text; dashes may be missing, as for libvirt. */
export const uuid: ValueType = {
  label: 'a uuid of 32 hexadecimal digits',
  read: (text) => {
    const match = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/.exec(
      text.trim().toLowerCase(),
    );
    return match === null ? WRONG : right(match.slice(1).join('-'));
  },
};

/** A user or group of the container: a name, or a number, with '+' where only a number can be meant. */
export const account: ValueType = {
  label: ACCOUNT_RULE,
  read: (text) => (ACCOUNT.test(text) ? right(text) : WRONG),
};

/** No host has more; it bounds the set that a list of CPUs becomes. */
const MAX_CPUS = 16384;

/** CPUs or nodes as libvirt writes them (`0-3,^2,7`); the canonical form is the kernel's list. */
function listType(things: string, one: string): ValueType {
  return {
    label: `a list of ${things} below ${MAX_CPUS}, like 0-3,^2,7`,
    read: (text) => {
      const members = new Uint8Array(MAX_CPUS);
      for (const part of text.replace(/\s/g, '').split(',')) {
        const match = /^(\^?)(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
        const first = Number(match?.[2]);
        const last = Number(match?.[3] ?? match?.[2]);
        if (match === null || first > last || last >= MAX_CPUS || (match[1] === '^' && match[3] !== undefined))
          return WRONG;
        members.fill(match[1] === '^' ? 0 : 1, first, last + 1);
      }
      const list = formatCpuList(members);
      return list === '' ? { ok: false, reason: `must name at least one ${one}` } : right(list);
    },
  };
}

export const cpuList: ValueType = listType('CPUs', 'CPU');
export const nodeList: ValueType = listType('NUMA nodes', 'node');

function formatCpuList(cpus: Uint8Array): string {
  const parts: string[] = [];
  for (let first = 0; first < cpus.length; first += 1) {
    if (cpus[first] === 0) continue;
    let last = first;
    while (cpus[last + 1] === 1) last += 1;
    parts.push(first === last ? String(first) : `${first}-${last}`);
    first = last;
  }
  return parts.join(',');
}

const SIGNALS =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

/** A signal that can ask init to end: a name of signal(7) without SIG; RTMIN to RTMIN+30, RTMAX-30 to RTMAX. */
export const signalName: ValueType = {
  label: "a signal's name, like TERM, PWR or RTMIN+3",
  read: (text) => {
    const name = text.toUpperCase().replace(/^SIG/, '');
    const realTime = /^RT(?:MIN(?:\+(\d{1,2}))?|MAX(?:-(\d{1,2}))?)$/.exec(name);
    if (realTime !== null) return Number(realTime[1] ?? realTime[2] ?? 0) <= 30 ? right(name) : WRONG;
    if (SIGNALS.includes(name)) return right(name);
    const near = nearestName(name, SIGNALS);
    return near === undefined ? WRONG : { ok: false, hint: `did you mean '${near}'?` };
  },
};
