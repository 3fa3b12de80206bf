import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { cutJws, readObject } from './compact-jws.js';

/** An invoice as a till's exported journal has it (`tax-terminal export`). */
export interface ExportedInvoice {
  /** File and line, for findings. */
  readonly place: string;
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly jws: string;
  readonly state: string;
  readonly receiptJws: string | null;
  readonly cause: string | null;
}

/** A line that cannot be read as an invoice although it says that it is one, or what the file or the journal behind it lacks. */
export interface UnreadableLine {
  readonly place: string;
  readonly unreadable: string;
}

/** The first version of the export that ends with a line of kind `end`. */
const VERSION_WITH_END = 2;

/**
 * The invoices of one export, one at a time: a till's archive may be larger than memory. Lines of other kinds are passed by. A file that does not
 * end as its last line says, or has none though its version does, is named at the end.
 */
export async function* readTillExport(file: string): AsyncGenerator<ExportedInvoice | UnreadableLine> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  const digest = createHash('sha256');
  let [number, mustEnd, isEnded] = [0, false, false];
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    const place = `${file}, line ${number}`;
    const entry = readObject(Buffer.from(line, 'utf8'));
    if (entry?.['kind'] === 'end') {
      isEnded = true;
      if (entry['lines'] !== number - 1 || entry['sha256'] !== digest.copy().digest('base64url'))
        yield { place, unreadable: 'the lines before it are not those that were exported' };
      continue;
    }
    digest.update(`${line}\n`);
    if (entry?.['kind'] === 'till') mustEnd = Number(entry['exportVersion']) >= VERSION_WITH_END;
    const invoice = readLine(entry, place);
    if (invoice !== null) yield invoice;
  }
  if (mustEnd && !isEnded) yield { place: `${file}, its end`, unreadable: 'the file is cut' };
}

function readLine(entry: Record<string, unknown> | null, place: string): ExportedInvoice | UnreadableLine | null {
  if (entry === null) return { place, unreadable: 'it is no JSON object' };
  if (entry['kind'] === 'unreadable' && entry['table'] === 'invoices')
    return { place, unreadable: `the journal is damaged, invoices ${String(entry['where'])}` };
  if (entry['kind'] !== 'invoice') return null;
  // Facts that a till had from the server, of content that nobody keeps: it says nothing of its own.
  if (entry['invoice'] === null && typeof entry['fetchedAt'] === 'string') return null;
  const { invoice: jws, state, receipt = null, cause = null } = entry;
  if (typeof jws !== 'string' || typeof state !== 'string')
    return { place, unreadable: 'it names no invoice or no state' };
  const payload = cutJws(jws)?.payload;
  const members = payload && readObject(payload);
  const terminalId = members?.['terminalId'];
  const invoiceId = members?.['id'];
  if (typeof terminalId !== 'string' || typeof invoiceId !== 'string')
    return { place, unreadable: 'its invoice is no signed invoice' };
  return {
    place,
    terminalId,
    invoiceId,
    jws,
    state,
    receiptJws: typeof receipt === 'string' ? receipt : null,
    cause: typeof cause === 'string' ? cause : null,
  };
}
