import { isIP, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Pool } from 'pg';
import { networkList } from '../configuration/networks.js';

/** Networks that nobody outside of a machine reaches. */
const THIS_MACHINE = networkList(['127.0.0.0/8', '::1/128']);
/** Networks that are not routed on the internet: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291. */
const PRIVATE = networkList([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]);

/** The way between this process and its database, as the socket itself knows it: a pooler in between answers for the database. */
export interface Line {
  /**
   * Where its other end is.
   *
   * - `machine`: on this machine, by a socket file or loopback
   * - `private`: in a network that is not routed on the internet
   * - `public`: anywhere
   */
  readonly reach: 'machine' | 'private' | 'public';
  /** Null: in the clear. */
  readonly tls: { readonly version: string; readonly isVerified: boolean } | null;
}

/** Looks at the line of one session. */
export async function readLine(pool: Pool): Promise<Line> {
  const client = await pool.connect();
  try {
    const { stream } = client.connection;
    const tls =
      stream instanceof TLSSocket ? { version: stream.getProtocol() ?? 'TLS', isVerified: stream.authorized } : null;
    return { reach: reachOf(stream instanceof Socket ? stream.remoteAddress : undefined), tls };
  } finally {
    client.release();
  }
}

/** @param address undefined for a socket file */
export function reachOf(address: string | undefined): Line['reach'] {
  if (address === undefined) return 'machine';
  const bare = address.replace(/%.*$/, '');
  const family = isIP(bare) === 6 ? 'ipv6' : 'ipv4';
  if (THIS_MACHINE.check(bare, family)) return 'machine';
  return PRIVATE.check(bare, family) ? 'private' : 'public';
}
