import { isSystemCall } from '../../security/seccomp-syscalls.js';
import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';
import type { SeccompProfile, SeccompRule } from '../spec.js';
import { parseSeccompArguments } from './seccomp-arguments.js';

/** LXC's own format of rules for system calls. Version 1 is a list of numbers, version 2 has names, actions and conditions. */

type Verdict = Pick<SeccompRule, 'action' | 'errno'>;

/** Without a profile the report has an error. `refusals` complete "asks for". */
export interface SeccompReading {
  readonly profile?: SeccompProfile;
  readonly refusals: readonly string[];
}

const ALLOW: Verdict = { action: 'allow' };
const KILL: Verdict = { action: 'kill-thread' };
const NOTIFY = 'a program that decides on system calls';
const ACTIONS = ['allow', 'kill', 'trap', 'log', 'errno', 'notify'];

interface Line {
  readonly text: string;
  readonly offset: number;
}

export function readSeccompFile(text: string, report: Report): SeccompReading {
  const lines = readLines(text);
  const [version, policy, ...rest] = lines;
  if (version === undefined || !/^[12]$/.test(version.text)) {
    report.error(version?.offset ?? 0, `the first line must be the version, 1 or 2, not ${quote(version?.text ?? '')}`);
    return { refusals: [] };
  }
  const match = /^(allowlist|whitelist|denylist|blacklist)(?:[ \t]+(.*))?$/.exec(policy?.text ?? '');
  const isDeny = match?.[1]?.startsWith('deny') === true || match?.[1]?.startsWith('black') === true;
  if (policy === undefined || match === null || (version.text === '1' && isDeny)) {
    const label = version.text === '1' ? "'allowlist'" : "'allowlist' or 'denylist'";
    report.error(policy?.offset ?? text.length, `the second line must be ${label}, not ${quote(policy?.text ?? '')}`);
    return { refusals: [] };
  }
  if (version.text === '1') return readNumbers(rest, report);
  const given = match[2] === undefined || match[2] === '' ? undefined : parseAction(match[2], policy.offset, report);
  const otherwise = given === undefined || given === 'notify' ? (isDeny ? ALLOW : KILL) : given;
  const refusals = given === 'notify' ? [NOTIFY] : [];
  return readRules(rest, { isDeny, otherwise, byDefault: isDeny ? KILL : ALLOW, refusals }, report);
}

/** A comment begins a line, or stands behind a blank. */
function readLines(text: string): Line[] {
  let offset = 0;
  return text.split('\n').flatMap((line): Line[] => {
    const start = offset;
    offset += line.length + 1;
    const comment = line.search(/(?<![^ \t])#/);
    const content = (comment === -1 ? line : line.slice(0, comment)).trim();
    return content === '' ? [] : [{ text: content, offset: start + line.length - line.trimStart().length }];
  });
}

/** A call of a number is named by it: which one that is depends on the architecture. */
function readNumbers(lines: readonly Line[], report: Report): SeccompReading {
  const names = lines.map(({ text, offset }) => {
    if (!/^\d{1,5}$/.test(text)) report.error(offset, `must be the number of a system call, not ${quote(text)}`);
    return text;
  });
  const refusals = ['system calls by their numbers (version 1 of the rules)'];
  return { profile: { defaultAction: KILL.action, rules: [{ names, ...ALLOW }] }, refusals };
}

interface Policy {
  readonly isDeny: boolean;
  readonly otherwise: Verdict;
  readonly byDefault: Verdict;
  readonly refusals: readonly string[];
}

/** umount2(2) with MNT_FORCE: EACCES. */
const NO_FORCED_UMOUNT: SeccompRule = {
  names: ['umount2'],
  action: 'errno',
  errno: 13,
  args: [{ index: 1, op: 'masked-eq', value: 1, valueTwo: 1 }],
};

function readRules(lines: readonly Line[], policy: Policy, report: Report): SeccompReading {
  const refusals = new Set<string>(policy.refusals);
  const sections = new Map<string, SeccompRule[]>();
  let section = 'all';
  for (const line of lines) {
    const header = /^\[([A-Za-z0-9_]{1,16})\]$/.exec(line.text);
    if (header !== null) {
      section = (header[1] ?? '').toLowerCase();
      if (section !== 'all' && !Object.hasOwn(ARCHITECTURES, section)) reportArchitecture(line, section, report);
      continue;
    }
    const rule = line.text === 'reject_force_umount' ? NO_FORCED_UMOUNT : readRule(line, policy, report);
    if (rule === 'notify') refusals.add(NOTIFY);
    else if (rule !== undefined) {
      const rules = sections.get(section) ?? [];
      rules.push(rule);
      sections.set(section, rules);
    }
  }
  return { profile: joinSections(sections, policy, refusals), refusals: [...refusals] };
}

function readRule({ text, offset }: Line, { byDefault }: Policy, report: Report): SeccompRule | 'notify' | undefined {
  const [, name = '', rest = ''] = /^(\S+)(.*)$/.exec(text) ?? [];
  if (!/^[a-z0-9_]{1,40}$/.test(name)) {
    report.error(offset, `must be a system call with its action, not ${quote(text)}`);
    return undefined;
  }
  if (!isSystemCall(name)) {
    report.error(offset, `there is no system call ${quote(name)}`);
    return undefined;
  }
  const bracket = rest.indexOf('[');
  const words = (bracket === -1 ? rest : rest.slice(0, bracket)).trim();
  const verdict = words === '' ? byDefault : parseAction(words, offset, report);
  const args = bracket === -1 ? [] : parseSeccompArguments(rest.slice(bracket));
  if (args === undefined) {
    report.error(
      offset,
      `the conditions of ${quote(name)} must be like [1,0x80,SCMP_CMP_EQ], not ${quote(rest.slice(bracket))}`,
    );
    return undefined;
  }
  if (verdict === undefined || verdict === 'notify') return verdict;
  return { names: [name], ...verdict, ...(args.length === 0 ? {} : { args }) };
}

function parseAction(text: string, offset: number, report: Report): Verdict | 'notify' | undefined {
  const errno = /^errno[ \t]+(\d{1,4})$/.exec(text)?.[1];
  if (errno !== undefined && Number(errno) <= 4095) return { action: 'errno', errno: Number(errno) };
  switch (text) {
    case 'allow':
    case 'trap':
    case 'log':
      return { action: text };
    case 'kill':
      return KILL;
    case 'notify':
      return 'notify';
    default: {
      const near = report.isFull() ? undefined : nearestName(text, ACTIONS);
      const hint = near === undefined ? undefined : `did you mean '${near}'?`;
      report.error(
        offset,
        `an action must be one of allow, kill, trap, log, notify, errno N, not ${quote(text)}`,
        hint,
      );
      return undefined;
    }
  }
}

/** What a section's rules are for, as libseccomp names it. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86: 'SCMP_ARCH_X86',
  x86_64: 'SCMP_ARCH_X86_64',
  x32: 'SCMP_ARCH_X32',
  arm: 'SCMP_ARCH_ARM',
  arm64: 'SCMP_ARCH_AARCH64',
  loongarch64: 'SCMP_ARCH_LOONGARCH64',
  mips64: 'SCMP_ARCH_MIPS64',
  mips64n32: 'SCMP_ARCH_MIPS64N32',
  mips: 'SCMP_ARCH_MIPS',
  mipsel64: 'SCMP_ARCH_MIPSEL64',
  mipsel64n32: 'SCMP_ARCH_MIPSEL64N32',
  mipsel: 'SCMP_ARCH_MIPSEL',
  ppc: 'SCMP_ARCH_PPC',
  ppc64: 'SCMP_ARCH_PPC64',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  riscv64: 'SCMP_ARCH_RISCV64',
  s390: 'SCMP_ARCH_S390',
  s390x: 'SCMP_ARCH_S390X',
};

function reportArchitecture({ offset }: Line, name: string, report: Report): void {
  const near = report.isFull() ? undefined : nearestName(name, Object.keys(ARCHITECTURES));
  const hint = near === undefined ? undefined : `did you mean '${near}'?`;
  report.error(offset, `unknown architecture ${quote(name)}`, hint);
}

/**
 * The model's rules hold for all architectures that it names. So do those of sections that say the same, and in a denylist all
 * of them: that refuses more than the file asks for. In an allowlist it would allow more, so a start refuses it.
 */
function joinSections(
  sections: ReadonlyMap<string, readonly SeccompRule[]>,
  { otherwise, isDeny }: Policy,
  refusals: Set<string>,
): SeccompProfile {
  const common = sections.get('all') ?? [];
  const own = [...sections].filter(([name]) => name !== 'all');
  const rules = new Map([...common, ...own.flatMap(([, list]) => list)].map((rule) => [JSON.stringify(rule), rule]));
  const isSame = new Set(own.map(([, list]) => JSON.stringify(list))).size === 1 && common.length === 0;
  if (own.length > 0 && !isSame && !isDeny) refusals.add('other rules for each architecture');
  return {
    defaultAction: otherwise.action,
    ...(otherwise.errno === undefined ? {} : { defaultErrno: otherwise.errno }),
    ...(isSame && !isDeny ? { architectures: own.map(([name]) => ARCHITECTURES[name] ?? '') } : {}),
    rules: [...rules.values()],
  };
}
