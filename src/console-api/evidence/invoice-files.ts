import type { Pool } from 'pg';
import { type Content, findContents, readContentBytes } from '../../ledger/contents.js';
import type { FiledInvoice } from '../../ledger/find-rows.js';
import { receiptOfRow } from '../../ledger/receipt-of-row.js';
import { readRemovedMonths } from '../../ledger/removed-content.js';
import { findBySequences } from '../../ledger/shop-invoices.js';
import { signedText } from '../../ledger/signed-text.js';
import { csvRow } from '../csv/cell.js';
import { derSignature } from './der-signature.js';
import { certificatePath, invoicePath, receiptKeyPath } from './paths.js';
import type { EvidenceCounts } from './evidence-order.js';
import { KeptBytes } from './kept-bytes.js';
import type { EvidenceFile } from './zip-pieces.js';

/** Rows of the ledger read at once: one round to the database for so many invoices. */
const BATCH_INVOICES = 100;
/** Bytes of signed contents in memory at once: those of a hundred usual invoices are 0.3 MB; one alone may have 5 MB. */
const BATCH_BYTES = 1_000_000;

const HEADINGS = [
  'terminalId',
  'journalId',
  'counter',
  'invoiceId',
  'code',
  'number',
  'type',
  'kind',
  'issuedAt',
  'registeredAt',
  'door',
  'currency',
  'total',
  'digest',
  'certificate',
  'warnings',
  'content',
  'files',
];

/** The files of a shop's invoices, then what tells of all of them. */
export async function* invoiceFiles(
  pool: Pool,
  sequences: readonly number[],
  counts: EvidenceCounts,
): AsyncGenerator<EvidenceFile> {
  const table = new KeptBytes();
  const signatures = new KeptBytes();
  table.add(csvRow(HEADINGS));
  const removed = await readRemovedMonths(pool);
  for await (const [one, content] of filedInvoices(pool, sequences)) {
    const path = invoicePath(one.row);
    const absence = removed.of(one.row.registeredAt) === null ? 'missing' : 'removed';
    if (content === null) counts.withoutContent += 1;
    else {
      yield* signedFiles(`${path}.invoice`, signedText(content));
      signatures.add(`${certificatePath(content.signer)}.pub ${path}.invoice.sig ${path}.invoice.input\n`);
    }
    yield* signedFiles(`${path}.receipt`, receiptOfRow(one.row));
    signatures.add(`${receiptKeyPath(one.row.receiptKey)} ${path}.receipt.sig ${path}.receipt.input\n`);
    table.add(tableRow(one, content, absence, path));
  }
  yield { path: 'invoices.csv', content: table.texts() };
  yield { path: 'signatures.txt', content: signatures.texts() };
}

/** Invoices with what was signed, as few in memory at once as their sizes allow. */
async function* filedInvoices(
  pool: Pool,
  sequences: readonly number[],
): AsyncGenerator<[one: FiledInvoice, content: Content | null]> {
  for (let start = 0; start < sequences.length; start += BATCH_INVOICES) {
    const filed = await findBySequences(pool, sequences.slice(start, start + BATCH_INVOICES));
    const places = filed.map(({ row }) => row);
    const bytes = await readContentBytes(pool, places);
    for (const batch of batchesWithin(filed, ({ row }) => bytes.get(row.sequence) ?? 0)) {
      const contents = await findContents(
        pool,
        batch.map(({ row }) => row),
      );
      for (const one of batch) yield [one, contents.get(one.row.sequence) ?? null];
    }
  }
}

/** Cuts a list where the next one would make a batch larger than {@link BATCH_BYTES}; one that is larger goes alone. */
function* batchesWithin<One>(list: readonly One[], bytesOf: (one: One) => number): Generator<readonly One[]> {
  let batch: One[] = [];
  let bytes = 0;
  for (const one of list) {
    bytes += bytesOf(one);
    if (batch.length > 0 && bytes > BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = bytesOf(one);
    }
    batch.push(one);
  }
  if (batch.length > 0) yield batch;
}

/** A compact JWS as three files: what it says, what its signature is over, and the signature as openssl takes it. */
function* signedFiles(path: string, jws: string): Generator<EvidenceFile> {
  const lastDot = jws.lastIndexOf('.');
  const input = jws.slice(0, lastDot);
  yield { path: `${path}.json`, content: Buffer.from(input.slice(input.indexOf('.') + 1), 'base64url') };
  yield { path: `${path}.input`, content: input };
  yield { path: `${path}.sig`, content: derSignature(Buffer.from(jws.slice(lastDot + 1), 'base64url')) };
}

function tableRow(
  { row, warnings }: FiledInvoice,
  content: Content | null,
  absence: 'removed' | 'missing',
  path: string,
): string {
  return csvRow([
    row.terminalId,
    row.journalId,
    row.counter,
    row.invoiceId,
    // Twenty digits are a text, not a number.
    row.code.replaceAll(/(\d{5})(?=\d)/g, '$1 '),
    row.number,
    row.type,
    row.kind,
    new Date(row.issuedAt).toISOString(),
    row.registeredAt,
    row.door,
    row.currency,
    row.total,
    row.digest.toString('hex'),
    content === null ? null : Buffer.from(content.signer, 'base64url').toString('hex'),
    warnings.map(({ code }) => code).join(' '),
    content === null ? absence : 'here',
    path,
  ]);
}
