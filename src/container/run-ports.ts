/** Ports of a run, as its command line says them. Pure. */
import type { PortSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';

const FORM = /^(?:(\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:.]+\]):)?(\d+)(?::(\d+))?(?:\/(tcp|udp))?$/;

/**
 * `[ADDRESS:]HOST[:INSIDE][/udp]`, an address of version 6 in brackets.
 *
 * @throws CtrError CTR_USAGE
 */
export function parseRunPort(text: string): PortSpec {
  const [, address, host = '', inside = host, protocol = 'tcp'] = FORM.exec(text) ?? [];
  const isPort = (number: string) => Number(number) >= 1 && Number(number) <= 65535;
  if (!isPort(host) || !isPort(inside))
    throw new CtrError(
      'CTR_USAGE',
      `cannot open port '${text}': a port is written as in '8080:80' or '127.0.0.1:53:53/udp'`,
    );
  return {
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    ...(address === undefined ? {} : { address: address.replace(/^\[|\]$/g, '') }),
    host: Number(host),
    container: Number(inside),
  };
}
