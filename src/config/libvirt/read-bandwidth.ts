import type { BandwidthLimit, BandwidthSpec } from '../spec.js';
import { type DomainElement, descendant } from './domain-element.js';
import { attributeOf, optional } from './pick.js';

/** The limits of `<bandwidth>`; undefined where it has none. */
export function readBandwidth(bandwidth: DomainElement | undefined): BandwidthSpec | undefined {
  if (bandwidth === undefined) return undefined;
  const inbound = readLimit(descendant(bandwidth, 'inbound'));
  const outbound = readLimit(descendant(bandwidth, 'outbound'));
  if (inbound === undefined && outbound === undefined) return undefined;
  return { ...optional('inbound', inbound), ...optional('outbound', outbound) };
}

function readLimit(limit: DomainElement | undefined): BandwidthLimit | undefined {
  if (limit === undefined) return undefined;
  const number = (name: string) => {
    const value = attributeOf(limit, name);
    return value === undefined ? undefined : Number(value);
  };
  return {
    averageKBytes: number('average') ?? 0,
    ...optional('peakKBytes', number('peak')),
    ...optional('burstKBytes', number('burst')),
    ...optional('floorKBytes', number('floor')),
  };
}
