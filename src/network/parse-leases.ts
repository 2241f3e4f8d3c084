/** A lease of dnsmasq. */
export interface Lease {
  /** Seconds since the epoch; absent: for ever. */
  readonly expires?: number;
  /** Absent for a lease of DHCPv6. */
  readonly mac?: string;
  readonly address: string;
  /** As who has it says. */
  readonly hostName?: string;
  readonly clientId?: string;
}

/** The lease file of dnsmasq: `EXPIRY MAC ADDRESS NAME ID`, and behind a line `duid …` `EXPIRY IAID ADDRESS NAME DUID`. */
export function parseLeases(text: string): Lease[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.length >= 5 && /^\d+$/.test(fields[0] ?? ''))
    .map(([expires = '0', who = '', address = '', name = '*', id = '*']) => ({
      ...(expires === '0' ? {} : { expires: Number(expires) }),
      ...(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(who) ? { mac: who } : {}),
      address,
      ...(name === '*' ? {} : { hostName: name }),
      ...(id === '*' ? {} : { clientId: id }),
    }));
}
