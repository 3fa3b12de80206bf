import { isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/;
const BYTE = 0xff;

/**
 * An address in the one form in which it is counted and recorded (RFC 5952), however the balancer wrote it; one of IPv4 that
 * it wrote as IPv6 (`::ffff:…`) as what it is.
 * @param address valid, of IPv4 or IPv6
 */
export function clientAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const { hostname } = new URL(`http://[${address}]`);
  const [, high, low] = MAPPED_IPV4.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return hostname.slice(1, -1);
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & BYTE])
    .join('.');
}
