import type { CapabilitiesSpec } from './spec.js';

/** capabilities(7) in the kernel's order: the index is the number. A test compares them with those that ctr knows how to set. */
export const CAPABILITY_NAMES: readonly string[] = (
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service ' +
  'net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin ' +
  'sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override ' +
  'mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'
).split(' ');

/** What the policy `default` takes away (src/security/plan-capabilities.ts). */
export const DROPPED_BY_DEFAULT: readonly string[] = ['sys_module', 'sys_time', 'mknod', 'audit_control', 'mac_admin'];

/** What a container may have: its policy, changed by its states in their order. */
export function listBoundingSet({ policy, states }: Pick<CapabilitiesSpec, 'policy' | 'states'>): ReadonlySet<string> {
  const kept = new Set(policy === 'deny' ? [] : CAPABILITY_NAMES);
  if (policy === 'default') for (const name of DROPPED_BY_DEFAULT) kept.delete(name);
  for (const { name, state } of states) kept[state === 'on' ? 'add' : 'delete'](name);
  return kept;
}
