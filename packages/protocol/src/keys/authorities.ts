import { X509Certificate } from 'node:crypto';

/** What a reader trusts: certificates of authorities, parsed or as PEM, one text with all of them or a list. */
export type Trust = X509Certificate | string | readonly X509Certificate[];

/**
 * Certificates looked at beside the one that is judged: eleven authorities, one every few years, and the twenty links between them.
 * Whoever sends more wants to keep us busy.
 */
export const LINKS_MAX = 32;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** All certificates of a PEM text, in order. Throws when there is none, or one of them is none. */
export function readCertificatesPem(pem: string): X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [pem];
  return blocks.map((block) => new X509Certificate(block));
}

/** Trusted certificates as a list. Throws when a text is no certificate. */
export function authoritiesOf(trust: Trust): readonly X509Certificate[] {
  if (typeof trust === 'string') return readCertificatesPem(trust);
  return trust instanceof X509Certificate ? [trust] : trust;
}

/**
 * Whether a certificate was issued by a trusted authority, or by one that a trusted one vouches for through links. A link is the
 * certificate that one authority gave to the key of another when the first was replaced by the second (RFC 4210, 4.4.1). Judges signatures
 * and what the certificates are made for; dates are the caller's.
 */
export function isIssuedBy(
  certificate: X509Certificate,
  links: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): boolean {
  const unused = new Set(links.slice(0, LINKS_MAX).filter(isLink));
  const reached = [certificate];
  for (const one of reached) {
    if (trusted.some((authority) => isSigned(one, authority))) return true;
    for (const link of unused)
      if (isSigned(one, link)) {
        unused.delete(link);
        reached.push(link);
      }
  }
  return false;
}

/**
 * The authorities among some certificates that a trusted one vouches for, and that are not trusted yet. Whoever sends the certificates
 * need not be believed: only the holder of a trusted authority's key can have made the links.
 * @param candidates authorities' own certificates and links between them, in any order
 */
export function vouchedAuthorities(
  trusted: readonly X509Certificate[],
  candidates: readonly X509Certificate[],
): X509Certificate[] {
  const offered = candidates.slice(0, LINKS_MAX);
  const links = offered.filter((one) => isLink(one) && !isSelfSigned(one));
  const isKnown = ({ fingerprint256 }: X509Certificate) => trusted.some((one) => one.fingerprint256 === fingerprint256);
  return offered.filter((candidate) => {
    if (isKnown(candidate) || !isLink(candidate) || !isSelfSigned(candidate)) return false;
    return links.some(
      (link) =>
        link.subject === candidate.subject &&
        link.publicKey.equals(candidate.publicKey) &&
        isIssuedBy(link, links, trusted),
    );
  });
}

/** Self-issued (RFC 5280, 3.2): old and new authority have one name, so that a path length of 0 forbids no link. */
function isLink(certificate: X509Certificate): boolean {
  return certificate.ca && certificate.subject === certificate.issuer;
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.verify(certificate.publicKey);
}

function isSigned(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.verify(issuer.publicKey);
}
