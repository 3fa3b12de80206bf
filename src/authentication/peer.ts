import { createHash, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { peerCertificateBytes } from '@tax-control/protocol';
import { BoundedMap } from '../registry/bounded-map.js';

/** What a certificate says. */
interface CertificateFacts {
  /** base64url SHA-256 of the certificate's DER bytes (RFC 7515, x5t#S256). */
  readonly thumbprint: string;
  /** The common name: the id of the terminal, where the certificate is one of this server's. */
  readonly terminalId: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** The certificate that a connection showed. Nothing of it is believed but what `isTrusted` says. */
export interface Peer extends CertificateFacts {
  /** Issued by an authority of this server's to a client, whatever its dates. */
  readonly isTrusted: boolean;
}

/** Extended key usage clientAuth (RFC 5280, 4.2.1.12). */
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** In a subject as Node.js writes it, an attribute a line; this authority gives each certificate one. */
const COMMON_NAME = /^CN=(.*)$/m;

/** What OpenSSL says of a chain that is fine but for its dates; the dates are our own to judge, at every request. */
const DATE_ERRORS = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** A connection shows one certificate for all its life (no renegotiation; see node-servers.ts), so it is read once. */
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
  const der = peerCertificateBytes(socket);
  if (der === null) return null;
  const { isIssued, ...facts } = readCertificate(der, authorities);
  return { ...facts, isTrusted: isIssued && isChainFine(socket) };
}

/** Tills that open connections at the same time. An entry takes some 300 bytes. */
const CERTIFICATES_MAX = 10_000;

/**
 * By thumbprint, the certificates of this server's authorities that were shown, and the authorities that were asked. Parsing one and
 * verifying its signature takes 0.4 ms, a tenth of what a connection costs. Those of strangers are not kept: they could push out the others.
 */
const issued = new BoundedMap<
  string,
  { readonly facts: CertificateFacts; readonly authorities: readonly X509Certificate[] }
>(CERTIFICATES_MAX);

/**
 * What a certificate says, and whether one of the authorities issued it to a client ({@link isIssuedToClient}).
 *
 * @param der its bytes
 * @param authorities the same array for as long as they are the same
 */
export function readCertificate(
  der: Buffer,
  authorities: readonly X509Certificate[],
): CertificateFacts & { readonly isIssued: boolean } {
  const thumbprint = createHash('sha256').update(der).digest('base64url');
  const known = issued.get(thumbprint);
  if (known?.authorities === authorities) return { ...known.facts, isIssued: true };
  const certificate = new X509Certificate(der);
  const facts = {
    thumbprint,
    terminalId: commonNameOf(certificate),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  };
  const isIssued = isIssuedToClient(certificate, authorities);
  if (isIssued) issued.set(thumbprint, { facts, authorities });
  else issued.delete(thumbprint);
  return { ...facts, isIssued };
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
