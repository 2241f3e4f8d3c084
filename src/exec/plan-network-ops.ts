/** Operations of networks and links, codes 168 to 191: a part of the table in `plan.ts`. A network has a plan of its own, of `name`, `network-bridge` and operations of the link phase. docs/adr/0014 */
export const NETWORK_OPS = {
  /** The bridge of a network, made anew, down. mtu 0: the kernel's. delay in seconds. */
  'network-bridge': {
    code: 169,
    phase: 'host',
    fields: { name: 'str', mac: 'bytes', mtu: 'u64', stp: 'u64', delay: 'u64' },
  },
  /** The network is there from here on until the container's end: else its plan is executed, which lies in `dir`. stamp: of that plan. */
  network: { code: 168, phase: 'link', fields: { name: 'str', dir: 'str', stamp: 'str' } },
  /** Write `value` to `path` below the host's /proc/sys, where something else is there. options: IF_POSSIBLE. */
  'host-sysctl': { code: 170, phase: 'link', fields: { path: 'str', value: 'str', options: 'u64' } },
  /** Bring a link of the host up. */
  'host-link-up': { code: 171, phase: 'link', fields: { link: 'str' } },
  /** A table of nftables(8), given to `program` (nft) on its stdin. Removed with the network. family: `inet`. */
  'network-table': { code: 172, phase: 'link', fields: { program: 'str', family: 'str', table: 'str', rules: 'str' } },

  /** A macvlan on the host's `link`, made in init's network namespace as `guest`. mode: MACVLAN. mtu 0: the kernel's. */
  macvlan: {
    code: 175,
    phase: 'link',
    fields: { link: 'str', guest: 'str', mac: 'bytes', mtu: 'u64', mode: 'u64' },
  },
  /** As `macvlan`, an ipvlan, which has the address of its link. mode: 0 l2, 1 l3, 2 l3s. flags: 0 bridge, 1 private, 2 vepa. */
  ipvlan: {
    code: 176,
    phase: 'link',
    fields: { link: 'str', guest: 'str', mtu: 'u64', mode: 'u64', flags: 'u64' },
  },
  /** As `macvlan`, the VLAN `id` of its link. */
  vlan: { code: 177, phase: 'link', fields: { link: 'str', guest: 'str', mac: 'bytes', mtu: 'u64', id: 'u64' } },
  /** The host's `link` itself goes into init's network namespace as `guest`, and comes back at the end as what it was. mac empty, mtu 0: its own. */
  phys: { code: 178, phase: 'link', fields: { link: 'str', guest: 'str', mac: 'bytes', mtu: 'u64' } },
  /** Limits of a link of the host, in bytes and bytes a second; 0: none. inbound: what goes out by it, to the container; outbound: what comes in. */
  bandwidth: {
    code: 179,
    phase: 'link',
    fields: {
      link: 'str',
      inbound: 'u64',
      inboundPeak: 'u64',
      inboundBurst: 'u64',
      outbound: 'u64',
      outboundBurst: 'u64',
    },
  },
  /** What a port may do: isolated ones do not reach each other, hairpin sends frames back to where they came from. */
  'bridge-port': { code: 180, phase: 'link', fields: { link: 'str', isolated: 'u64', hairpin: 'u64' } },
  /** Frames that come in by a link of the host pass a program first: instructions of BPF_PROG_TYPE_SCHED_CLS of direct action, `struct bpf_insn` each. It ends with the link. */
  'port-filter': { code: 183, phase: 'link', fields: { link: 'str', program: 'bytes' } },
  /** A program that serves the network, and a keeper that starts it again. args: argv, each with a NUL behind it. Its directory /tmp shows it the network's run directory as `run`, with `config` as `dnsmasq.conf`, and `hosts` as `hosts`. */
  'network-keeper': { code: 174, phase: 'link', fields: { args: 'bytes', config: 'str', hosts: 'str' } },
} as const;
