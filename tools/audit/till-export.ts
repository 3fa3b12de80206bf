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

/** A line that cannot be read as an invoice although it says that it is one. */
export interface UnreadableLine {
  readonly place: string;
  readonly unreadable: string;
}

/** The invoices of one export, one at a time: a till's archive may be larger than memory. Lines of other kinds are passed by. */
export async function* readTillExport(file: string): AsyncGenerator<ExportedInvoice | UnreadableLine> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    const invoice = readLine(line, `${file}, line ${number}`);
    if (invoice !== null) yield invoice;
  }
}

function readLine(line: string, place: string): ExportedInvoice | UnreadableLine | null {
  const entry = readObject(Buffer.from(line, 'utf8'));
  if (entry === null) return { place, unreadable: 'it is no JSON object' };
  if (entry['kind'] !== 'invoice') return null;
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
