import type { Pool } from 'pg';
import { type Content, findContents } from '../../ledger/contents.js';
import type { FiledInvoice } from '../../ledger/find-rows.js';
import { receiptOfRow } from '../../ledger/receipt-of-row.js';
import { readRemovedMonths } from '../../ledger/removed-content.js';
import { findBySequences } from '../../ledger/shop-invoices.js';
import { signedText } from '../../ledger/signed-text.js';
import { csvRow } from '../csv/cell.js';
import { derSignature } from './der-signature.js';
import { certificatePath, invoicePath, receiptKeyPath } from './paths.js';
import type { ZipWriter } from './zip-writer.js';

/** Invoices in memory at once: of 3 KB each as a rule, of 5 MB at the worst. */
const BATCH_INVOICES = 50;

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

/** What was written beside the files themselves. */
export interface WrittenInvoices {
  readonly table: string;
  /** Lines of signatures.txt: key, signature, file. */
  readonly signatures: readonly string[];
  readonly withoutContent: number;
}

/** Writes the files of a shop's invoices, piece by piece, as they are read. */
export async function writeInvoices(
  pool: Pool,
  zip: ZipWriter,
  sequences: readonly number[],
): Promise<WrittenInvoices> {
  const rows = [csvRow(HEADINGS)];
  const signatures: string[] = [];
  let withoutContent = 0;
  const removed = await readRemovedMonths(pool);
  for (let start = 0; start < sequences.length; start += BATCH_INVOICES) {
    const filed = await findBySequences(pool, sequences.slice(start, start + BATCH_INVOICES));
    const contents = await findContents(
      pool,
      filed.map(({ row }) => row),
    );
    for (const [index, one] of filed.entries()) {
      const content = contents.get(one.row.sequence) ?? null;
      const path = invoicePath(one.row);
      if (content === null) withoutContent += 1;
      else
        signatures.push(
          ...writeSigned(zip, `${path}.invoice`, signedText(content), `${certificatePath(content.signer)}.pub`),
        );
      const receipt = signedFiles(`${path}.receipt`, receiptOfRow(one.row));
      signatures.push(`${receiptKeyPath(one.row.receiptKey)} ${path}.receipt.sig ${path}.receipt.input`);
      zip.add(...receipt.json);
      zip.add(...receipt.input);
      // The last file of a batch waits for the reader.
      if (index === filed.length - 1) await zip.addAndWait(...receipt.signature);
      else zip.add(...receipt.signature);
      const absence = removed.of(one.row.registeredAt) === null ? 'missing' : 'removed';
      rows.push(tableRow(one, content, absence, path));
    }
  }
  return { table: rows.join(''), signatures, withoutContent };
}

type File = [path: string, content: Buffer | string];

function writeSigned(zip: ZipWriter, path: string, jws: string, keyPath: string): string[] {
  const files = signedFiles(path, jws);
  for (const file of Object.values(files)) zip.add(...file);
  return [`${keyPath} ${path}.sig ${path}.input`];
}

/** A compact JWS as three files: what it says, what its signature is over, and the signature as openssl takes it. */
function signedFiles(
  path: string,
  jws: string,
): { readonly json: File; readonly input: File; readonly signature: File } {
  const lastDot = jws.lastIndexOf('.');
  const input = jws.slice(0, lastDot);
  const payload = Buffer.from(input.slice(input.indexOf('.') + 1), 'base64url');
  return {
    json: [`${path}.json`, payload],
    input: [`${path}.input`, input],
    signature: [`${path}.sig`, derSignature(Buffer.from(jws.slice(lastDot + 1), 'base64url'))],
  };
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
