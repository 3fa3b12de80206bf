import { X509Certificate } from 'node:crypto';
import type { Pool } from 'pg';
import { publicKeyFromJwk } from '@tax-control/protocol';
import type { AttemptRow, Gap, Page, PageQuery } from '@tax-control/protocol/console';
import type { KeyRing } from '../../keys/key-ring.js';
import { readRefusedBodies, type RefusedCriteria } from '../../ledger/refused-rows.js';
import { type CertificateFile, readCertificatesOf } from '../../registry/certificates.js';
import { csvRow } from '../csv/cell.js';
import { type Column, columns } from '../csv/table.js';
import { certificatePath, receiptKeyPath } from './paths.js';
import type { ZipWriter } from './zip-writer.js';

/** Refused ones in memory at once; each may be as large as a request. */
const BATCH_REFUSED = 10;
/** Rows read at once for a table. */
const BATCH_ROWS = 1_000;

const GAP_COLUMNS = columns<Gap>('terminalId', 'journalId', 'from', 'to', 'count', 'since');
const ATTEMPT_COLUMNS = columns<AttemptRow>(
  'terminalId',
  'entryId',
  'at',
  'receivedAt',
  'source',
  'door',
  'invoiceId',
  'outcome',
  'cause',
  'detail',
  'address',
  'connectMs',
  'tlsMs',
  'answerMs',
  'totalMs',
);

/** A way to read a table page by page. */
export type ReadPage<Row> = (page: PageQuery) => Promise<Page<Row>>;

/** Writes what the server stands for: its authorities, the certificate that signs the manifest, the keys of its receipts. */
export function writeServerKeys(zip: ZipWriter, keys: KeyRing): void {
  const [signing = ''] = keys.signingIdentity().x5c;
  const certificate = new X509Certificate(Buffer.from(signing, 'base64'));
  zip.add('server/authority.pem', keys.authorities().map(String).join(''));
  zip.add('server/signing.pem', certificate.toString());
  zip.add('server/signing.pub', publicKeyPem(certificate));
  for (const jwk of keys.trustedKeys()) {
    const key = publicKeyFromJwk(jwk);
    if (key !== null) zip.add(receiptKeyPath(jwk.kid), key.export({ type: 'spki', format: 'pem' }).toString());
  }
}

/** Writes every certificate of some terminals, and tells how many there are. */
export async function writeCertificates(pool: Pool, zip: ZipWriter, terminalIds: readonly string[]): Promise<number> {
  const files = await readCertificatesOf(pool, terminalIds);
  for (const { thumbprint, der } of files) {
    const certificate = new X509Certificate(der);
    zip.add(`${certificatePath(thumbprint)}.pem`, certificate.toString());
    zip.add(`${certificatePath(thumbprint)}.pub`, publicKeyPem(certificate));
  }
  zip.add('certificates.csv', certificateTable(files));
  return files.length;
}

function publicKeyPem({ publicKey }: X509Certificate): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function certificateTable(files: readonly CertificateFile[]): string {
  const rows = files.map((file) =>
    csvRow([
      file.terminalId,
      certificatePath(file.thumbprint),
      file.serial,
      file.notBefore.toISOString(),
      file.notAfter.toISOString(),
      file.issuedAt.toISOString(),
      file.revokedAt?.toISOString() ?? null,
      file.revocationReason,
    ]),
  );
  const headings = ['terminalId', 'files', 'serial', 'notBefore', 'notAfter', 'issuedAt', 'revokedAt', 'reason'];
  return csvRow(headings) + rows.join('');
}

/** Writes what was refused, byte for byte as it was sent, and tells how many there are. */
export async function writeRefused(pool: Pool, zip: ZipWriter, criteria: RefusedCriteria): Promise<number> {
  const headings = ['file', 'terminalId', 'refusedAt', 'door', 'cause', 'detail', 'invoiceId', 'journalId', 'counter'];
  const rows = [csvRow([...headings, 'sha256'])];
  for (let afterId = '0'; ;) {
    const refused = await readRefusedBodies(pool, criteria, afterId, BATCH_REFUSED);
    const last = refused.at(-1);
    for (const one of refused) {
      const path = `refused/${one.refusedId}.jws`;
      if (one.bytes === 'kept' && one === last) await zip.addAndWait(path, one.body);
      else if (one.bytes === 'kept') zip.add(path, one.body);
      const facts = [one.terminalId, one.refusedAt.toISOString(), one.door, one.cause, one.detail];
      rows.push(
        csvRow([
          one.bytes === 'kept' ? path : one.bytes,
          ...facts,
          one.invoiceId,
          one.journalId,
          one.counter,
          one.digest,
        ]),
      );
    }
    if (last === undefined) break;
    afterId = last.refusedId;
  }
  zip.add('refused.csv', rows.join(''));
  return rows.length - 1;
}

/** Writes the gaps in the counters, and tells how many there are. */
export function writeGaps(zip: ZipWriter, read: ReadPage<Gap>): Promise<number> {
  return writeTable(zip, 'gaps.csv', GAP_COLUMNS, read);
}

/** Writes the attempts, and tells how many there are. */
export function writeAttempts(zip: ZipWriter, read: ReadPage<AttemptRow>): Promise<number> {
  return writeTable(zip, 'log-entries.csv', ATTEMPT_COLUMNS, read);
}

async function writeTable<Row>(
  zip: ZipWriter,
  path: string,
  rowColumns: readonly Column<Row>[],
  read: ReadPage<Row>,
): Promise<number> {
  let count = 0;
  const lines = async function* (): AsyncGenerator<string> {
    yield csvRow(rowColumns.map(({ heading }) => heading));
    for (let page = 1; ; page += 1) {
      const { items, more } = await read({ page, pageSize: BATCH_ROWS });
      count += items.length;
      yield items.map((row) => csvRow(rowColumns.map(({ cell }) => cell(row)))).join('');
      if (!more) return;
    }
  };
  await zip.addPieces(path, lines());
  return count;
}
