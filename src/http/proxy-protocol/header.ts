import { readVersion1 } from './version-1.js';
import { readVersion2, VERSION_2_SIGNATURE } from './version-2.js';

/** Who connected to the balancer. */
export interface ProxiedClient {
  readonly address: string;
  readonly port: number;
}

/**
 * What the first bytes of a connection are. `client`: null where the balancer speaks for itself (a health check) or cannot
 * name whom it speaks for; `length`: bytes of the header, behind which TLS begins.
 */
export type HeaderReading =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid'; readonly why: string }
  | { readonly kind: 'header'; readonly client: ProxiedClient | null; readonly length: number };

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
