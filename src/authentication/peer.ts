import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { peerCertificate } from '@tax-control/protocol';

/** The certificate that a connection showed. Nothing of it is believed but what `isTrusted` says. */
export interface Peer {
  /** base64url SHA-256 of the certificate's DER bytes (RFC 7515, x5t#S256). */
  readonly thumbprint: string;
  /** The common name: the id of the terminal, where `isTrusted`. */
  readonly terminalId: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Issued by an authority of this server's to a client, whatever its dates. */
  readonly isTrusted: boolean;
}

/** Extended key usage clientAuth (RFC 5280, 4.2.1.12). */
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** In a subject as Node.js writes it, an attribute a line; this authority gives each certificate one. */
const COMMON_NAME = /^CN=(.*)$/m;

/** What OpenSSL says of a chain that is fine but for its dates; the dates are our own to judge, at every request. */
const DATE_ERRORS = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** A connection shows one certificate for all its life (no renegotiation; see node-servers.ts), so it is parsed once. */
const known = new WeakMap<Socket, Peer | null>();

/**
 * The certificate of a connection; null when none was shown. On Node.js 20 and 22 a resumed session without certificate
 * counts as `authorized`, so that alone says nothing.
 */
export function peerOf(socket: Socket, authorities: readonly X509Certificate[]): Peer | null {
  const remembered = known.get(socket);
  if (remembered !== undefined) return remembered;
  const peer = readPeer(socket, authorities);
  known.set(socket, peer);
  return peer;
}

function readPeer(socket: Socket, authorities: readonly X509Certificate[]): Peer | null {
  if (!(socket instanceof TLSSocket)) return null;
  const certificate = peerCertificate(socket);
  if (certificate === null) return null;
  return {
    thumbprint: Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    terminalId: commonNameOf(certificate),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    isTrusted: isChainFine(socket) && isIssuedToClient(certificate, authorities),
  };
}

/** The terminal that a certificate names; empty where it names none. */
export function commonNameOf({ subject }: X509Certificate): string {
  return COMMON_NAME.exec(subject)?.[1] ?? '';
}

function isChainFine(socket: TLSSocket): boolean {
  // Node.js documents an Error and gives its code as text.
  const error: unknown = socket.authorizationError;
  return socket.authorized || (typeof error === 'string' && DATE_ERRORS.has(error));
}

/** OpenSSL names one error only: a wrong date may hide a wrong issuer or purpose, so these are looked at here. */
export function isIssuedToClient(certificate: X509Certificate, authorities: readonly X509Certificate[]): boolean {
  return (
    authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey)) &&
    // Undefined where a certificate says nothing of its purpose, whatever Node's types say.
    (certificate.keyUsage as readonly string[] | undefined)?.includes(CLIENT_AUTHENTICATION) === true
  );
}
