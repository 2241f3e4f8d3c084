/** What the policy `default` takes away (src/security/plan-capabilities.ts). */
export const DROPPED_BY_DEFAULT: readonly string[] = ['sys_module', 'sys_time', 'mknod', 'audit_control', 'mac_admin'];
