import { isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** A subscriber of IPv6 is given 64 bits of network and chooses the rest freely: four groups of sixteen bits. */
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/**
 * By what the requests of one caller are counted: the address of IPv4, the network (/64) of IPv6.
 * @param address as Node gives it; anything else counts under its own text
 */
export function addressKey(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [left = '', right] = (address.split('%', 1)[0] ?? '').split('::');
  const before = groupsOf(left);
  const after = groupsOf(right ?? '');
  const zeros = Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => '0');
  const all = right === undefined ? before : [...before, ...zeros, ...after];
  return `${all.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

/** Without leading zeros, so that one network has one text. */
function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
}
