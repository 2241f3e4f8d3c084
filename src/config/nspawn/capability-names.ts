/** Capabilities by the kernel's names, in the order of their numbers. capabilities(7) */
export const CAPABILITY_NAMES: readonly string[] = (
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service ' +
  'net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin ' +
  'sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override ' +
  'mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'
).split(' ');

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
