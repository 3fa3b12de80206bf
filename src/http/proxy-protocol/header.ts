import type { HeaderReading } from './header-reading.js';
import { readVersion1 } from './version-1.js';
import { readVersion2, VERSION_2_SIGNATURE } from './version-2.js';

const VERSION_1_START = Buffer.from('PROXY ', 'latin1');

/**
 * Reads a PROXY protocol header, version 1 or 2 (haproxy.org, proxy-protocol.txt), from the first bytes of a connection.
 * The bytes may end anywhere: then it is `incomplete`, and never for more bytes than a header may have.
 */
export function readProxyHeader(bytes: Buffer): HeaderReading {
  if (beginsLike(bytes, VERSION_2_SIGNATURE)) return readVersion2(bytes);
  if (beginsLike(bytes, VERSION_1_START)) return readVersion1(bytes);
  return { kind: 'invalid', why: 'it does not begin with a PROXY protocol header' };
}

/** Whether bytes begin with the start of a header, as far as they have come. */
function beginsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}
