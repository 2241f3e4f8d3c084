/** Who runs something inside: looked up there, never here. */

export const ACCOUNT_RULE = 'a name, or a number from 0 to 4294967294';

/**
 * A name of useradd(8), or a number in the one form that every program reads alike: no sign but `+`, no leading zero, no `0x` (a
 * reader that takes `0x0` for 0 makes root of it, CVE-2026-30892). 4294967295 is (uid_t)-1, which means "no change" to the kernel.
 */
export const ACCOUNT =
  /^(?:[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?|\+?(?:0|[1-9]\d{0,8}|[1-3]\d{9}|4[01]\d{8}|42[0-8]\d{7}|429[0-3]\d{6}|4294[0-8]\d{5}|42949[0-5]\d{4}|429496[0-6]\d{3}|4294967[01]\d{2}|42949672[0-8]\d|429496729[0-4]))$/;
