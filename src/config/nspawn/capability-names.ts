import { CAPABILITY_NAMES } from '../capability-names.js';

/** What nspawn leaves a container; with a network of its own also net_admin. systemd-nspawn(1), --capability= */
export const KEPT_BY_DEFAULT: ReadonlySet<string> = new Set(
  (
    'audit_control audit_write chown dac_override dac_read_search fowner fsetid ipc_owner kill lease linux_immutable mknod ' +
    'net_bind_service net_broadcast net_raw setfcap setgid setpcap setuid sys_admin sys_boot sys_chroot sys_nice ' +
    'sys_ptrace sys_resource sys_tty_config'
  ).split(' '),
);

/** Name without `cap_` of `CAP_KILL`, `cap_kill` or its number. */
export function parseCapability(word: string): string | undefined {
  if (/^\d{1,2}$/.test(word)) return CAPABILITY_NAMES[Number(word)];
  const name = /^cap_(.+)$/i.exec(word)?.[1]?.toLowerCase();
  return CAPABILITY_NAMES.find((known) => known === name);
}
