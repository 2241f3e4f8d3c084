import { attribute, element, ignored } from './rows.js';
import { oneOf } from './values.js';

/** What libvirt's LXC driver can name, in the order of its output. Newer capabilities have no name in this format. */
export const CAPABILITY_NAMES =
  'audit_control audit_write block_suspend chown dac_override dac_read_search fowner fsetid ipc_lock ipc_owner kill lease linux_immutable mac_admin mac_override mknod net_admin net_bind_service net_broadcast net_raw setgid setfcap setpcap setuid sys_admin sys_boot sys_chroot sys_module sys_nice sys_pacct sys_ptrace sys_rawio sys_resource sys_time sys_tty_config syslog wake_alarm'.split(
    ' ',
  );

const attributes = [attribute('state', 'whether the container may have it', oneOf(['on', 'off']), { byDefault: 'on' })];

const capabilitiesRow = element('capabilities', 'which capabilities(7) stay', {
  attributes: [
    attribute(
      'policy',
      '`default`: all but some that reach out of the container; `allow`: all but the ones off; `deny`: only the ones on',
      oneOf(['default', 'allow', 'deny']),
      { byDefault: 'default' },
    ),
  ],
  children: CAPABILITY_NAMES.map((name) => element(name, `CAP_${name.toUpperCase()}`, { attributes })),
  finish: (read) => (read.children.length === 0 && read.attributes.get('policy') === 'default' ? undefined : read),
});

/** `<features>`. */
export const featuresRow = element('features', 'switches', {
  dropEmpty: true,
  children: [
    ...ignored('acpi', 'apic', 'pae', 'hap', 'viridian'),
    element('privnet', 'a network namespace of its own even without interfaces'),
    ...ignored('hyperv', 'kvm', 'pvspinlock'),
    capabilitiesRow,
    ...ignored('pmu', 'vmport', 'gic', 'smm', 'ioapic', 'hpt', 'vmcoreinfo', 'htm', 'nested-hv', 'msrs', 'ccf-assist'),
    ...ignored('xen', 'cfpc', 'sbbc', 'ibs', 'tcg', 'async-teardown', 'ras', 'ps2', 'aia'),
  ],
});
