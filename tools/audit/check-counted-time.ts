import type { Invoice } from '@tax-control/protocol';
import type { Snapshot } from './snapshot.js';
import { nameOf, type StoredInvoice, toSecond } from './stored-invoice.js';
import type { Tally } from './verdict.js';

/** Differences of clocks that prove nothing, and how long guests take to pay a bill: decision 0037. */
const CLOCK_MS = 60_000;
const BILL_SECONDS = 1_800;
/** The ledger has whole seconds, and what it was judged by had milliseconds. */
const CUT_OFF_SECONDS = 1;

/**
 * What is wrong with the time at which an invoice counts, by its own bytes; null: nothing. It counts at its time of sale or, where that can't
 * be believed, at its registration. Certificates and the order of the journal are for {@link checkCountedTimes}.
 */
export function countedTimeFault(row: StoredInvoice, { clockBehind, issuedAt }: Partial<Invoice>): string | null {
  const { counted_at: countedAt, registered_at: registeredAt } = row;
  if (countedAt !== null)
    return toSecond(countedAt) === toSecond(registeredAt)
      ? null
      : 'counts neither when it was sold nor when it was registered';
  // Of a version that did not judge it, nor what was sold.
  if (row.sold === null) return null;
  const isFuture = Date.parse(String(issuedAt)) > registeredAt.getTime() + CLOCK_MS;
  return clockBehind !== undefined || isFuture ? 'counts at a time of sale that cannot be believed' : null;
}

interface Found {
  readonly sequence: string;
  readonly terminal_id: string;
  readonly invoice_id: string;
  readonly why: string;
}

const JUDGED = `ledger.counted_at IS NULL AND ledger.sold IS NOT NULL`;

/**
 * Invoices that were flagged for their time of sale and count at it all the same: it lies before the life of the certificate that signed, or
 * before that of the journal's previous invoice, if that was on file, by more than a bill and the measured offset explain.
 */
export async function checkCountedTimes(snapshot: Snapshot, tally: Tally): Promise<void> {
  const sql = `
    SELECT ledger.sequence, ledger.terminal_id, ledger.invoice_id, 'its certificate''s life' AS why
    FROM invoice_warning JOIN ledger USING (sequence)
    JOIN content ON content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at
    JOIN terminal_certificate ON thumbprint = signer
    WHERE warning = 'signed_outside_validity' AND ${JUDGED} AND ledger.issued_at < not_before - interval '${CUT_OFF_SECONDS} s'
    UNION ALL
    SELECT ledger.sequence, ledger.terminal_id, ledger.invoice_id, 'its journal''s previous invoice'
    FROM invoice_warning JOIN ledger USING (sequence)
    JOIN ledger AS before ON ledger.journal_id = before.journal_id AND ledger.terminal_id = before.terminal_id
      AND ledger.counter = before.counter + 1 AND ledger.sequence > before.sequence
    JOIN content ON content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at
    CROSS JOIN LATERAL (SELECT convert_from(payload, 'UTF8')::json AS said) AS read
    WHERE warning = 'clock_off' AND ${JUDGED} AND before.counted_at IS NULL
      AND before.issued_at > ledger.issued_at + make_interval(secs => ${BILL_SECONDS + CUT_OFF_SECONDS})
      AND extract(epoch FROM before.issued_at - coalesce(said -> 'enteredLater' ->> 'at', said ->> 'issuedAt')::timestamptz)
        > ${BILL_SECONDS + CUT_OFF_SECONDS} + coalesce(abs((said ->> 'clockOffsetMs')::numeric), 0) / 1000`;
  for (const row of await snapshot.query<Found>(sql)) tally.find(`${nameOf(row)} counts at a time before ${row.why}.`);
}
