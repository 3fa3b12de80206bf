import { X509Certificate } from 'node:crypto';
import type { Pool } from 'pg';
import { publicKeyFromJwk } from '@tax-control/protocol';
import { type RefusedBody, type RefusedCriteria, readRefusedBodies } from '../../ledger/refused-rows.js';
import { type GapOfShop, listGapsOfShop } from '../../log-analytics/missing/gaps-of-shop.js';
import { type CertificateFile, readCertificatesOf } from '../../registry/certificates.js';
import { csvRow } from '../csv/cell.js';
import { columns } from '../csv/table.js';
import type { EvidenceCounts, EvidenceKeys, ManifestHead } from './evidence-order.js';
import { KeptBytes } from './kept-bytes.js';
import { certificatePath, receiptKeyPath } from './paths.js';
import { tablePieces } from './table-pieces.js';
import type { EvidenceFile } from './zip-pieces.js';

/** Refused ones in memory at once; each may be as large as a request, 6 MB. */
const BATCH_REFUSED = 4;

const CERTIFICATE_HEADINGS = [
  'terminalId',
  'files',
  'serial',
  'notBefore',
  'notAfter',
  'issuedAt',
  'revokedAt',
  'reason',
];
const REFUSED_HEADINGS = [
  'file',
  'terminalId',
  'refusedAt',
  'door',
  'cause',
  'detail',
  'invoiceId',
  'journalId',
  'counter',
  'sha256',
];
const GAP_COLUMNS = columns<GapOfShop>('terminalId', 'journalId', 'from', 'to', 'count', 'since');

/** What the server stands for: its authorities, the certificate that signs the manifest, the keys of its receipts. */
export function* serverKeyFiles({ authorities, signing, trustedKeys }: EvidenceKeys): Generator<EvidenceFile> {
  const [der = ''] = signing.x5c;
  const certificate = new X509Certificate(Buffer.from(der, 'base64'));
  yield { path: 'server/authority.pem', content: authorities.join('') };
  yield { path: 'server/signing.pem', content: certificate.toString() };
  yield { path: 'server/signing.pub', content: publicKeyPem(certificate) };
  for (const jwk of trustedKeys) {
    const key = publicKeyFromJwk(jwk);
    if (key !== null)
      yield { path: receiptKeyPath(jwk.kid), content: key.export({ type: 'spki', format: 'pem' }).toString() };
  }
}

/**
 * Every certificate of some terminals. Those of one terminal are read at once: it gets ten a day at most, of 2 KB each, and an honest one a
 * few a year.
 */
export async function* certificateFiles(
  pool: Pool,
  terminalIds: readonly string[],
  counts: EvidenceCounts,
): AsyncGenerator<EvidenceFile> {
  const table = new KeptBytes();
  table.add(csvRow(CERTIFICATE_HEADINGS));
  for (const terminalId of terminalIds) {
    for (const file of await readCertificatesOf(pool, [terminalId])) {
      const certificate = new X509Certificate(file.der);
      const path = certificatePath(file.thumbprint);
      yield { path: `${path}.pem`, content: certificate.toString() };
      yield { path: `${path}.pub`, content: publicKeyPem(certificate) };
      table.add(certificateRow(file, path));
      counts.certificates += 1;
    }
  }
  yield { path: 'certificates.csv', content: table.texts() };
}

function publicKeyPem({ publicKey }: X509Certificate): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function certificateRow(file: CertificateFile, path: string): string {
  return csvRow([
    file.terminalId,
    path,
    file.serial,
    file.notBefore.toISOString(),
    file.notAfter.toISOString(),
    file.issuedAt.toISOString(),
    file.revokedAt?.toISOString() ?? null,
    file.revocationReason,
  ]);
}

/** What was refused, byte for byte as it was sent. */
export async function* refusedFiles(
  pool: Pool,
  criteria: RefusedCriteria,
  counts: EvidenceCounts,
): AsyncGenerator<EvidenceFile> {
  const table = new KeptBytes();
  table.add(csvRow(REFUSED_HEADINGS));
  for (let afterId = '0'; ;) {
    const refused = await readRefusedBodies(pool, criteria, afterId, BATCH_REFUSED);
    for (const one of refused) {
      const path = `refused/${one.refusedId}.jws`;
      if (one.bytes === 'kept') yield { path, content: one.body };
      table.add(refusedRow(one, path));
      counts.refused += 1;
    }
    const last = refused.at(-1);
    if (last === undefined) break;
    afterId = last.refusedId;
  }
  yield { path: 'refused.csv', content: table.texts() };
}

function refusedRow(one: RefusedBody, path: string): string {
  const facts = [one.terminalId, one.refusedAt.toISOString(), one.door, one.cause, one.detail];
  return csvRow([
    one.bytes === 'kept' ? path : one.bytes,
    ...facts,
    one.invoiceId,
    one.journalId,
    one.counter,
    one.digest,
  ]);
}

/** The gaps in the counters of the shop's terminals, whenever they arose. */
export function gapFile(pool: Pool, { premisesId }: ManifestHead, counts: EvidenceCounts): EvidenceFile {
  const pieces = tablePieces(GAP_COLUMNS, async function* () {
    for await (const gaps of listGapsOfShop(pool, premisesId)) {
      counts.gaps += gaps.length;
      yield gaps;
    }
  });
  return { path: 'gaps.csv', content: pieces };
}
