import { createHash, X509Certificate } from 'node:crypto';
import { isJsonObject, JournalExportTally, LIMITS, parseCompactJws, parseJsonBytes } from '@tax-control/protocol';
import { readLines } from './read-lines.js';

/** An invoice as a line of an exported journal has it. What it says of itself is not judged; null: it cannot be read. */
export interface FileInvoice {
  readonly kind: 'invoice';
  /** Its place in the file, from 1 on. */
  readonly line: number;
  /** Compact JWS. */
  readonly invoice: string;
  readonly receipt: string | null;
  readonly terminalId: string | null;
  readonly invoiceId: string | null;
  readonly journalId: string | null;
  readonly counter: number | null;
  /** SHA-256 of the payload. */
  readonly digest: Buffer;
  readonly previousDigest: Buffer | null;
  /** Thumbprint of the certificate that the header names. */
  readonly signer: string | null;
}

/** whole: as it was exported. cut: its last line is missing. changed: its lines are not those that were exported. */
export type Wholeness = 'whole' | 'cut' | 'changed';

/**
 * What a file holds, in its order, the end last. unreadable: a line that is none of an export, or what the export could not read of a damaged
 * journal. no_export: the first line is none of a journal's export; nothing follows. `digest`: SHA-256 of the whole file.
 */
export type FilePart =
  | FileInvoice
  | { readonly kind: 'till'; readonly terminalId: string | null }
  | { readonly kind: 'certificate'; readonly certificate: X509Certificate }
  | { readonly kind: 'unreadable'; readonly line: number; readonly what: string }
  | { readonly kind: 'no_export' }
  | { readonly kind: 'end'; readonly wholeness: Wholeness; readonly digest: Buffer };

/** The largest invoice and what an export says beside it. */
const LINE_BYTES_MAX = LIMITS.requestBytesMax;
/** Characters of a receipt; one has 1,000. */
const RECEIPT_LENGTH_MAX = 20_000;
/** Characters that are kept of what an export says of a damaged place. */
const WHAT_LENGTH_MAX = 300;
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SHA256 = /^[\w-]{43}$/;
/** Neither Postgres nor a screen takes these. */
const NOT_ALLOWED = /[\p{Cc}\p{Cs}]/gu;

/** Reads an exported journal (`tax-terminal export`), one line in memory at a time. Lines of other kinds are passed by. */
export async function* readJournalFile(source: AsyncIterable<Buffer>): AsyncGenerator<FilePart> {
  const digest = createHash('sha256');
  const tally = new JournalExportTally();
  let wholeness: Wholeness = 'cut';
  for await (const { number, bytes } of readLines(digested(source, digest), LINE_BYTES_MAX)) {
    const value = bytes === null ? null : parseJsonBytes(bytes)?.value;
    const entry = isJsonObject(value) ? value : null;
    if (number === 1 && entry?.['kind'] !== 'till') {
      yield { kind: 'no_export' };
      return;
    }
    if (wholeness !== 'cut') wholeness = 'changed';
    if (entry?.['kind'] === 'end') {
      wholeness = wholeness === 'cut' && tally.isEndedBy(entry) ? 'whole' : 'changed';
      continue;
    }
    tally.add(bytes ?? '', entry?.['kind']);
    const part = partOf(entry, number);
    if (part !== null) yield part;
  }
  yield { kind: 'end', wholeness, digest: digest.digest() };
}

async function* digested(source: AsyncIterable<Buffer>, digest: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    digest.update(chunk);
    yield chunk;
  }
}

type Entry = Readonly<Record<string, unknown>>;

function partOf(entry: Entry | null, line: number): FilePart | null {
  if (entry === null) return { kind: 'unreadable', line, what: 'The line is no JSON object.' };
  switch (entry['kind']) {
    case 'till':
      return { kind: 'till', terminalId: textOf(entry['terminalId']) };
    case 'certificate':
      return certificateOf(entry, line);
    case 'invoice':
      return invoiceOf(entry, line);
    case 'unreadable': {
      const what = ['table', 'where', 'detail'].map((name) => String(entry[name])).join(', ');
      return { kind: 'unreadable', line, what: what.slice(0, WHAT_LENGTH_MAX).replaceAll(NOT_ALLOWED, '\u{FFFD}') };
    }
    default:
      return null;
  }
}

function certificateOf({ pem }: Entry, line: number): FilePart {
  try {
    return { kind: 'certificate', certificate: new X509Certificate(String(pem)) };
  } catch {
    return { kind: 'unreadable', line, what: 'The line has no certificate that can be read.' };
  }
}

function invoiceOf({ invoice, receipt, fetchedAt }: Entry, line: number): FilePart | null {
  // A till that lost its disk has facts from the server of invoices whose content nobody keeps.
  if (invoice === null && typeof fetchedAt === 'string') return null;
  if (typeof invoice !== 'string' || invoice.length > LIMITS.invoiceBytesMax || !COMPACT_JWS.test(invoice))
    return { kind: 'unreadable', line, what: 'The line has no signed invoice.' };
  if (receipt !== null && receipt !== undefined && !isReceipt(receipt))
    return { kind: 'unreadable', line, what: 'The line has something else in the place of the receipt.' };
  const jws = parseCompactJws(invoice);
  if (jws === null) return { kind: 'unreadable', line, what: 'The line has no signed invoice that can be read.' };
  const value = parseJsonBytes(jws.payload)?.value;
  const { id, terminalId, journalId, counter, previousDigest } = isJsonObject(value) ? value : {};
  return {
    kind: 'invoice',
    line,
    invoice,
    receipt: receipt ?? null,
    terminalId: textOf(terminalId),
    invoiceId: matching(id, UUID),
    journalId: matching(journalId, UUID),
    counter: typeof counter === 'number' && Number.isSafeInteger(counter) && counter > 0 ? counter : null,
    digest: createHash('sha256').update(jws.payload).digest(),
    previousDigest: bytesOf(matching(previousDigest, SHA256)),
    signer: matching(jws.header['x5t#S256'], SHA256),
  };
}

function isReceipt(receipt: unknown): receipt is string {
  return typeof receipt === 'string' && receipt.length <= RECEIPT_LENGTH_MAX && COMPACT_JWS.test(receipt);
}

function matching(value: unknown, pattern: RegExp): string | null {
  return typeof value === 'string' && pattern.test(value) ? value : null;
}

function bytesOf(digest: string | null): Buffer | null {
  return digest === null ? null : Buffer.from(digest, 'base64url');
}

/** An identifier, as far as one may be that long. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.length <= LIMITS.identifierLengthMax ? value : null;
}
