import type { HeaderReading } from './header-reading.js';

/** Begins every header of version 2 (specification, 2.2); no line of text and no TLS record begins so. */
export const VERSION_2_SIGNATURE = Buffer.from([
  0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
]);

/** Signature, version and command, family and protocol, and the length of the rest. */
const FIXED_BYTES = 16;
/** Of addresses and what else is told (TLVs): balancers send some hundred; the format's own bound is 65,535. */
const REST_BYTES_MAX = 4_096;

const VERSION_2 = 0x2;
const LOCAL = 0x0;
const PROXY = 0x1;

const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;
/** Families with nothing that could stand for a client's address: unspecified, and sockets of the balancer's own machine. */
const NAMELESS = new Set([0x00, 0x31, 0x32]);

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const PORT_BYTES = 2;

/** Version 2: binary. What follows the addresses (TLVs) is passed by. @param bytes that begin with the signature, as far as they go */
export function readVersion2(bytes: Buffer): HeaderReading {
  if (bytes.length < FIXED_BYTES) return { kind: 'incomplete' };
  const versionAndCommand = bytes.readUInt8(VERSION_2_SIGNATURE.length);
  const family = bytes.readUInt8(VERSION_2_SIGNATURE.length + 1);
  const restBytes = bytes.readUInt16BE(VERSION_2_SIGNATURE.length + 2);
  if (versionAndCommand >> 4 !== VERSION_2) return invalid('its version is none that we know');
  const command = versionAndCommand & 0x0f;
  if (command !== LOCAL && command !== PROXY) return invalid('its command is none that we know');
  if (restBytes > REST_BYTES_MAX) return invalid(`it is longer than ${REST_BYTES_MAX} bytes`);
  const length = FIXED_BYTES + restBytes;
  if (bytes.length < length) return { kind: 'incomplete' };
  if (command === LOCAL || NAMELESS.has(family)) return { kind: 'header', client: null, length };
  const addressBytes = family === TCP_OVER_IPV4 ? IPV4_BYTES : family === TCP_OVER_IPV6 ? IPV6_BYTES : 0;
  if (addressBytes === 0) return invalid('its protocol is not TCP');
  if (restBytes < 2 * (addressBytes + PORT_BYTES)) return invalid('its addresses are cut off');
  const source = bytes.subarray(FIXED_BYTES, FIXED_BYTES + addressBytes);
  const address = addressBytes === IPV4_BYTES ? source.join('.') : textOfIPv6(source);
  return { kind: 'header', client: { address, port: bytes.readUInt16BE(FIXED_BYTES + 2 * addressBytes) }, length };
}

/** Eight groups, not shortened. */
function textOfIPv6(bytes: Buffer): string {
  const groups = Array.from({ length: IPV6_BYTES / 2 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return groups.join(':');
}

function invalid(why: string): HeaderReading {
  return { kind: 'invalid', why };
}
