import type { DeviceRuleSpec } from '../spec.js';

/** A line of `devices.allow` or `devices.deny`. */
export interface DeviceLine {
  /** `a`: all devices, and what stands before it no longer counts. */
  readonly isAll: boolean;
  readonly rule: DeviceRuleSpec;
}

/** `a`, or kind, numbers and access (Documentation/admin-guide/cgroup-v1/devices.rst); undefined when it is neither. */
export function parseDeviceLine(allow: boolean, text: string): DeviceLine | undefined {
  if (/^a([ \t]|$)/.test(text)) return { isAll: true, rule: { allow, kind: 'all', access: 'rwm' } };
  const match = /^([bc])[ \t]+(\*|\d{1,7}):(\*|\d{1,7})[ \t]+([rwm]{1,3})$/.exec(text);
  if (match === null) return undefined;
  const [, letter, major = '*', minor = '*', letters = ''] = match;
  return {
    isAll: false,
    rule: {
      allow,
      kind: letter === 'b' ? 'block' : 'char',
      ...(major === '*' ? {} : { major: Number(major) }),
      ...(minor === '*' ? {} : { minor: Number(minor) }),
      access: ['r', 'w', 'm'].filter((one) => letters.includes(one)).join(''),
    },
  };
}

const character = (major: number, minor?: number): DeviceRuleSpec => ({
  allow: true,
  kind: 'char',
  major,
  ...(minor === undefined ? {} : { minor }),
  access: 'rwm',
});

/** What a container may use that says nothing: null, zero, full, random, urandom, tty, ptmx, and terminals. */
export const DEFAULT_RULES: readonly DeviceRuleSpec[] = [
  { allow: false, kind: 'all', access: 'rwm' },
  character(1, 3),
  character(1, 5),
  character(1, 7),
  character(1, 8),
  character(1, 9),
  character(5, 0),
  character(5, 2),
  character(136),
];
