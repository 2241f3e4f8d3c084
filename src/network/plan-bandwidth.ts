import type { BandwidthSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { Op } from '../exec/plan.js';

const KIB = 1024;

/**
 * The limits of a link of the host: of a port or of a bridge. None where nothing is limited.
 *
 * @param link its name
 * @throws CtrError CTR_UNSUPPORTED on a guaranteed speed
 */
export function planBandwidth(link: string, { inbound, outbound }: BandwidthSpec = {}): Op[] {
  if (inbound?.floorKBytes !== undefined || outbound?.floorKBytes !== undefined)
    throw new CtrError(
      'CTR_UNSUPPORTED',
      `cannot limit the bandwidth of '${link}': no speed can be guaranteed (floor)`,
    );
  const bytes = (kibibytes = 0) => kibibytes * KIB;
  const isLimited = bytes(inbound?.averageKBytes) + bytes(outbound?.averageKBytes) > 0;
  if (!isLimited) return [];
  return [
    {
      op: 'bandwidth',
      link,
      inbound: bytes(inbound?.averageKBytes),
      inboundPeak: bytes(inbound?.peakKBytes),
      inboundBurst: bytes(inbound?.burstKBytes),
      outbound: bytes(outbound?.averageKBytes),
      outboundBurst: bytes(outbound?.burstKBytes),
    },
  ];
}
