import type { Environment } from '@tax-control/protocol';
import { cutJws, es256Fits, readObject, sha256 } from './compact-jws.js';
import type { AuditKeys } from './keys.js';
import { receiptOfRow } from './receipt.js';
import type { Snapshot } from './snapshot.js';
import { LEDGER_COLUMNS, type LedgerRow } from './stored-invoice.js';
import { type ExportedInvoice, readTillExport, type UnreadableLine } from './till-export.js';
import type { Tallies } from './verdict.js';

export interface ExportMeasure {
  readonly environment: Environment;
  readonly keys: AuditKeys;
  readonly tallies: Tallies;
  /** Invoices that still wait in a till are named in a note instead of found. */
  readonly allowWaiting: boolean;
}

/** Invoices that are looked up together. */
const INVOICES_PER_LOOKUP = 100;

/** I3, I4 and the part of I2 that only tills can witness, for one exported journal. Tells how many invoices it held. */
export async function checkTillExport(snapshot: Snapshot, file: string, measure: ExportMeasure): Promise<number> {
  let count = 0;
  let batch: ExportedInvoice[] = [];
  for await (const entry of readTillExport(file)) {
    if (isUnreadable(entry)) {
      measure.tallies.I4.find(`${entry.place} cannot be read: ${entry.unreadable}.`);
      continue;
    }
    count += 1;
    batch.push(entry);
    if (batch.length < INVOICES_PER_LOOKUP) continue;
    await checkBatch(snapshot, batch, measure);
    batch = [];
  }
  if (batch.length > 0) await checkBatch(snapshot, batch, measure);
  return count;
}

function isUnreadable(entry: ExportedInvoice | UnreadableLine): entry is UnreadableLine {
  return 'unreadable' in entry;
}

async function checkBatch(snapshot: Snapshot, batch: ExportedInvoice[], measure: ExportMeasure): Promise<void> {
  const identities = [batch.map((entry) => entry.terminalId), batch.map((entry) => entry.invoiceId)];
  const ledger = new Map<string, LedgerRow>();
  for (const row of await snapshot.query<LedgerRow>(
    `SELECT ${LEDGER_COLUMNS} FROM ledger
     JOIN unnest($1::text[], $2::uuid[]) AS sought (terminal_id, invoice_id) USING (terminal_id, invoice_id)`,
    identities,
  ))
    ledger.set(`${row.terminal_id}/${row.invoice_id}`, row);
  const refused = new Set(
    (
      await snapshot.query<{ digest: Buffer }>('SELECT digest FROM refused_invoice WHERE digest = ANY ($1::bytea[])', [
        batch.map((entry) => sha256(entry.jws)),
      ])
    ).map((row) => row.digest.toString('base64url')),
  );
  for (const entry of batch) {
    const row = ledger.get(`${entry.terminalId}/${entry.invoiceId}`);
    checkReceived(entry, row, measure);
    checkAccepted(entry, row, refused.has(sha256(entry.jws).toString('base64url')), measure);
  }
}

/** I3, and that the receipt is byte for byte the one that the database would give again (I2). */
function checkReceived(entry: ExportedInvoice, row: LedgerRow | undefined, measure: ExportMeasure): void {
  if (entry.receiptJws === null) return;
  const { I2, I3 } = measure.tallies;
  I3.looked();
  const receipt = cutJws(entry.receiptJws);
  const kid = receipt?.header['kid'];
  const key = typeof kid === 'string' ? measure.keys.receiptKeys.get(kid) : undefined;
  if (receipt === null || key === undefined || !es256Fits(receipt.signedText, receipt.signature, key)) {
    I3.find(`${entry.place}: the till took a receipt that no receipt key of the keys directory signed.`);
    return;
  }
  const code = readObject(receipt.payload)?.['code'];
  if (row === undefined)
    I3.find(`${entry.place}: the till holds a receipt with code ${String(code)}, but it is not on file.`);
  else if (row.code !== code)
    I3.find(`${entry.place}: the till's receipt has code ${String(code)}, the database ${row.code}.`);
  else {
    const again = receiptOfRow(row, measure.environment);
    I2.expect(
      again === entry.receiptJws,
      () => `${entry.place}: a resend would get other bytes than the till's receipt.`,
    );
  }
}

/** I4. */
function checkAccepted(
  entry: ExportedInvoice,
  row: LedgerRow | undefined,
  isRefusalOnFile: boolean,
  measure: ExportMeasure,
): void {
  const { I4 } = measure.tallies;
  I4.looked();
  const name = `${entry.place}: invoice ${entry.invoiceId} of terminal ${entry.terminalId}`;
  const digest = sha256(cutJws(entry.jws)?.payload ?? '');
  const isOnFile = row !== undefined && row.digest.equals(digest);
  if (entry.state === 'issued') {
    I4.expect(entry.receiptJws !== null, () => `${name} is issued but has no receipt in the journal.`);
    I4.expect(isOnFile, () => `${name} is issued for the till, but not on file with this content.`);
  } else if (entry.state === 'refused') {
    I4.expect(entry.cause !== null, () => `${name} is refused without a cause.`);
    I4.expect(isRefusalOnFile, () => `${name} is refused for the till, but the database has no record of the refusal.`);
    I4.expect(!isOnFile, () => `${name} is refused for the till, but issued in the database.`);
  } else if (entry.state !== 'waiting') I4.find(`${name} is in the state "${entry.state}", which is none.`);
  else if (measure.allowWaiting)
    I4.note(`${name} still waits${isOnFile ? ' for its receipt; its code is given' : ''}.`);
  else I4.find(`${name} still waits. Drain the till, or say --allow-waiting.`);
}
