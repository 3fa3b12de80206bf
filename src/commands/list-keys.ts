import { X509Certificate } from 'node:crypto';
import { readKeysSettings } from '../configuration/read-settings.js';
import { DirectoryCustody } from '../keys/directory-custody.js';
import type { KeyMaterial } from '../keys/key-custody.js';
import { KeyRing } from '../keys/key-ring.js';
import { done, type Outcome } from './outcome.js';
import { table } from './table.js';

interface CertificateRow {
  readonly name: string;
  readonly subject: string;
  readonly validUntil: string;
}

/** Loads a keys directory as the server would, and shows what may be shown. */
export async function listKeys(directory = readKeysSettings().directory): Promise<Outcome> {
  const custody = new DirectoryCustody(directory);
  const material = custody.load();
  const ring = new KeyRing(custody);
  const certificates = certificateRows(material);
  const receiptKeys = ring.trustedKeys().map(({ kid }) => ({ kid, signs: kid === ring.receiptSigner().kid }));
  const macKeys = material.macKeys.map(({ firstSequence }) => ({ firstSequence }));
  return done(
    { directory, environment: ring.environment, caDigest: ring.issuingCa().digest, certificates, receiptKeys, macKeys },
    [
      `Keys in ${directory}, ${ring.environment} environment`,
      `Authority (SHA-256, as in invitations): ${ring.issuingCa().digest}`,
      '',
      table(
        ['CERTIFICATE', 'SUBJECT', 'VALID UNTIL'],
        certificates.map(({ name, subject, validUntil }) => [name, subject, validUntil]),
      ),
      '',
      table(
        ['RECEIPT KEY', 'USE'],
        receiptKeys.map(({ kid, signs }) => [kid, signs ? 'signs' : 'trusted only']),
      ),
      '',
      table(
        ['MAC KEY FROM NUMBER'],
        macKeys.map(({ firstSequence }) => [String(firstSequence)]),
      ),
    ].join('\n'),
  );
}

function certificateRows({ authority, signing, terminalListener, publicListener }: KeyMaterial): CertificateRow[] {
  const row = (name: string, certificate: X509Certificate): CertificateRow => ({
    name,
    subject: certificate.subject.split('\n').join(', '),
    validUntil: new Date(certificate.validTo).toISOString(),
  });
  return [
    row('authority', authority.certificate),
    row('signing', signing.certificate),
    row('terminal listener', new X509Certificate(terminalListener.cert)),
    row('public listener', new X509Certificate(publicListener.cert)),
  ];
}
