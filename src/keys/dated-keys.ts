import { X509Certificate } from 'node:crypto';
import type { DatedKey } from './judge-validity.js';
import type { KeyRing } from './key-ring.js';

/** The certificates of a ring with their dates. */
export function datedKeys(ring: KeyRing): DatedKey[] {
  const entry = (kind: string, { serialNumber, validFrom, validTo }: X509Certificate): DatedKey => ({
    kind,
    id: serialNumber,
    use: 'in_use',
    notBefore: new Date(validFrom).toISOString(),
    notAfter: new Date(validTo).toISOString(),
  });
  const [signing = ''] = ring.signingIdentity().x5c;
  return [
    entry('authority', ring.issuingCa().certificate),
    entry('signing_certificate', new X509Certificate(Buffer.from(signing, 'base64'))),
    entry('terminal_listener', new X509Certificate(ring.terminalListener().cert)),
    entry('public_listener', new X509Certificate(ring.publicListener().cert)),
  ];
}
