import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/**
 * The certificate that the other side of a connection showed; null: it showed none.
 *
 * Not by `getPeerX509Certificate()`, which linting forbids: where the other side sends its authority's certificate along, as every Node.js
 * client with a `ca` does, each call leaves a copy of that behind that is never freed (5.8 kB a connection; Node.js 20.20, 22.23, 24.21, 26.10).
 */
export function peerCertificate(socket: TLSSocket): X509Certificate | null {
  const der = peerCertificateBytes(socket);
  return der === null ? null : new X509Certificate(der);
}

/** The same as its DER bytes, for who parses each certificate once: parsing takes a quarter of a millisecond. */
export function peerCertificateBytes(socket: TLSSocket): Buffer | null {
  return socket.getPeerCertificate(false)?.raw ?? null;
}

/** The certificates behind it that the other side sent or OpenSSL found, the nearest first, so many at most. */
export function certificatesBehind(socket: TLSSocket, most: number): X509Certificate[] {
  const found: X509Certificate[] = [];
  let { issuerCertificate: next } = socket.getPeerCertificate(true) as Partial<DetailedPeerCertificate>;
  // A certificate that signed itself is its own issuer here.
  while (next !== undefined && found.length < most && found.at(-1)?.raw.equals(next.raw) !== true) {
    found.push(new X509Certificate(next.raw));
    next = next.issuerCertificate;
  }
  return found;
}
