import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import {
  certificatesBehind,
  type Clock,
  isIssuedBy,
  LINKS_MAX,
  peerCertificate,
  readCertificatesPem,
} from '@tax-control/protocol';
import { type Exchange, exchange } from './exchange.js';
import { failureOfError, OWN_ERROR_CODES } from './failure-cause.js';
import { type Credentials, TLS_VERSION_MIN } from './line.js';

/** OpenSSL's words for a certificate that is in order but for the time on this machine's clock. */
const DATE_ERRORS: readonly string[] = ['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'];
/** Extended key usage serverAuth (RFC 5280, 4.2.1.12). */
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const HTTPS_PORT = 443;

/**
 * Asks for an echo although the server's certificate is not valid by this till's clock: the signed answer tells which of
 * the two is wrong. All but the dates must hold (a trusted authority, the name, the purpose), and nothing but the nonce is said.
 */
export async function echoDespiteDates(
  address: string,
  credentials: Credentials,
  nonce: string,
  timeoutMs: number,
  clock: Clock,
): Promise<Exchange> {
  let socket: TLSSocket;
  try {
    socket = await connectDespiteDates(new URL(address), credentials, timeoutMs);
  } catch (error) {
    const timings = { connectMs: null, tlsMs: null, answerMs: null, totalMs: 0 };
    return { ok: false, failure: failureOfError(error, 'tls'), stale: false, phase: 'tls', timings, steppedBackMs: 0 };
  }
  const request = {
    method: 'POST',
    path: '/v1/echo',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ nonce }),
  } as const;
  const result = await exchange(address, request, { socket }, { connectMs: timeoutMs, answerMs: timeoutMs }, clock);
  socket.destroy();
  return result;
}

function connectDespiteDates(url: URL, { identity, authority }: Credentials, timeoutMs: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replaceAll(/[[\]]/g, '');
    const socket = connect({
      host,
      port: Number(url.port || HTTPS_PORT),
      ...(isIP(host) === 0 && { servername: host }),
      ca: authority,
      ...(identity && { key: identity.key, cert: identity.certificate }),
      minVersion: TLS_VERSION_MIN,
      rejectUnauthorized: false,
    });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(Object.assign(new Error('gave up waiting'), { code: OWN_ERROR_CODES.connectTimeout })),
      timeoutMs,
    );
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const fault = faultBesideDates(socket, host, readCertificatesPem(authority));
      if (fault !== null) return fail(fault);
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}

/** OpenSSL tells one fault only, so all that it might have told beside the dates is looked at here. */
function faultBesideDates(socket: TLSSocket, host: string, authorities: readonly X509Certificate[]): Error | null {
  const refusal = String(socket.authorizationError ?? '');
  const certificate = peerCertificate(socket);
  if (!socket.authorized && !DATE_ERRORS.includes(refusal)) return Object.assign(new Error(refusal), { code: refusal });
  if (
    certificate === null ||
    !isIssuedBy(certificate, certificatesBehind(socket, LINKS_MAX), authorities) ||
    !certificate.keyUsage?.includes(SERVER_AUTHENTICATION)
  )
    return Object.assign(new Error('not a server of a trusted authority'), { code: 'CERT_UNTRUSTED' });
  const isNamed = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  if (isNamed !== undefined) return null;
  return Object.assign(new Error(`the certificate does not name ${host}`), { code: 'HOSTNAME_MISMATCH' });
}
