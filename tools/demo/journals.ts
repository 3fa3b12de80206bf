import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseCompactJws } from '@tax-control/protocol';
import type { Evidence, FinalEntry } from './count-outcomes.js';

/** What the exported journals witness: how every invoice ended, and which attempts met a code that was there already. */
export async function readJournals(files: readonly string[]): Promise<Pick<Evidence, 'journals' | 'alreadyIssued'>> {
  const journals: FinalEntry[] = [];
  const alreadyIssued: { invoiceId: string }[] = [];
  for (const file of files)
    for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
      const entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
      if (entry['kind'] === 'invoice') journals.push(toFinalEntry(entry));
      if (entry['kind'] === 'log' && entry['outcome'] === 'already_issued')
        alreadyIssued.push({ invoiceId: String(entry['invoice_id']) });
    }
  return { journals, alreadyIssued };
}

function toFinalEntry(entry: Readonly<Record<string, unknown>>): FinalEntry {
  const invoice = payloadOf(entry['invoice']);
  const receipt = typeof entry['receipt'] === 'string' ? payloadOf(entry['receipt']) : null;
  return {
    terminalId: String(invoice['terminalId']),
    invoiceId: String(invoice['id']),
    state: String(entry['state']),
    code: receipt === null ? null : String(receipt['code']),
    door: receipt === null ? null : String(receipt['door']),
  };
}

function payloadOf(jws: unknown): Readonly<Record<string, unknown>> {
  const parsed = typeof jws === 'string' ? parseCompactJws(jws) : null;
  if (parsed === null) throw new Error('an exported journal holds something that is no compact JWS');
  return JSON.parse(parsed.payload.toString('utf8')) as Readonly<Record<string, unknown>>;
}
