import { formatMac, formatText } from './format-values.js';
import type { OpOf } from './plan.js';

type Wide = number | bigint;

/** A link of the host and its name inside. */
export function formatOnLink(link: string, guest: string, mtu: Wide): string[] {
  return [`${formatText(link)} → ${formatText(guest)}`, Number(mtu) === 0 ? '' : `mtu ${mtu}`];
}

/** Nothing for the one it has anyway. */
export function formatOwnMac(mac: Uint8Array): string {
  return mac.length === 0 ? '' : formatMac(mac);
}

/** The limits of a link. */
export function formatBandwidth(op: OpOf<'bandwidth'>): string[] {
  const { link, inbound, inboundPeak, inboundBurst, outbound, outboundBurst } = op;
  return [
    formatText(link),
    ...formatSpeed('inbound', inbound, inboundBurst, inboundPeak),
    ...formatSpeed('outbound', outbound, outboundBurst),
  ];
}

/** Those of one direction, in bytes and bytes a second; nothing for none. */
function formatSpeed(name: string, rate: Wide, burst: Wide, peak: Wide = 0): string[] {
  if (Number(rate) === 0) return [];
  return [
    `${name} ${rate} B/s`,
    Number(peak) === 0 ? '' : `peak ${peak} B/s`,
    Number(burst) === 0 ? '' : `burst ${burst} B`,
  ];
}
