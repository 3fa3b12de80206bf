import { X509Certificate } from 'node:crypto';
import { certificateThumbprint } from '@tax-control/protocol';
import type { KeyMaterial } from './key-custody.js';
import { publicJwk } from './public-key.js';

export type KeyKind =
  'authority' | 'signing_certificate' | 'terminal_listener' | 'public_listener' | 'receipt_key' | 'mac_key';

/**
 * One key or certificate, as far as it may be shown.
 * @property id SHA-256 of a certificate as in invitations, `kid` of a receipt key, first number of a MAC key's range
 * @property use `staged`: made known, and used after its activation (of MAC keys: from its number on, which the ring does not know);
 * `earlier`: issues or signs no longer, and what it issued or signed is still good
 * @property notBefore RFC 3339; null: keys without certificate have no dates
 */
export interface KeyEntry {
  readonly kind: KeyKind;
  readonly id: string;
  readonly use: 'in_use' | 'staged' | 'earlier';
  readonly notBefore: string | null;
  readonly notAfter: string | null;
}

/**
 * All that a set of keys consists of: certificates first, each kind in the order of its use. The certificate of the terminals' listener
 * is no part of it (terminal-listener.ts).
 */
export function keyEntries(material: KeyMaterial): KeyEntry[] {
  const { authority, nextAuthority, earlierAuthorities, signing, nextSigning, publicListener } = material;
  return [
    entryOfCertificate('authority', 'in_use', authority.certificate),
    ...(nextAuthority === null ? [] : [entryOfCertificate('authority', 'staged', nextAuthority.certificate)]),
    ...earlierAuthorities.map((certificate) => entryOfCertificate('authority', 'earlier', certificate)),
    entryOfCertificate('signing_certificate', 'in_use', signing.certificate),
    ...(nextSigning === null ? [] : [entryOfCertificate('signing_certificate', 'staged', nextSigning.certificate)]),
    entryOfCertificate('public_listener', 'in_use', new X509Certificate(publicListener.cert)),
    ...receiptKeys(material),
    ...material.macKeys.map(({ firstSequence }) => withoutDates('mac_key', String(firstSequence), 'in_use')),
  ];
}

function receiptKeys({ trustedKeys, nextSigning }: KeyMaterial): KeyEntry[] {
  const staged = nextSigning === null ? null : publicJwk(nextSigning.certificate.publicKey).kid;
  return trustedKeys.map(({ kid }, index) => {
    if (index === 0) return withoutDates('receipt_key', kid, 'in_use');
    return withoutDates('receipt_key', kid, kid === staged ? 'staged' : 'earlier');
  });
}

/** A certificate as it may be shown. */
export function entryOfCertificate(kind: KeyKind, use: KeyEntry['use'], certificate: X509Certificate): KeyEntry {
  return {
    kind,
    id: certificateThumbprint(certificate),
    use,
    notBefore: new Date(certificate.validFrom).toISOString(),
    notAfter: new Date(certificate.validTo).toISOString(),
  };
}

function withoutDates(kind: KeyKind, id: string, use: KeyEntry['use']): KeyEntry {
  return { kind, id, use, notBefore: null, notAfter: null };
}
