import type { DisputedCode, KnownByReceipt, UnheardSinceRestore } from '@tax-control/protocol/console';
import type { Finding } from './finding.js';
import { PLACE_COLUMNS, placeOf, type PlaceRow, TERMINALS_IN_VIEW } from './terminals-in-view.js';

interface UnheardRow extends PlaceRow {
  readonly recovered_at: Date;
  readonly newest_on_file_at: Date;
  readonly restored: number;
}

/**
 * Terminals that may hold receipts and have not found all of them on file since the last jump at which anything may have been forgotten
 * (docs/decisions/0045), and that nobody has excused. A mere start of PostgreSQL is one only where something came back behind it.
 */
export const UNHEARD_SINCE_RESTORE: Finding<UnheardRow, UnheardSinceRestore> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}
    SELECT ${PLACE_COLUMNS}, jump.recovered_at, jump.newest_on_file_at,
           (SELECT count(*)::integer FROM ledger
            WHERE ledger.terminal_id = seen.terminal_id AND restored_at >= jump.recovered_at) AS restored
    FROM forgetting_jump AS jump CROSS JOIN seen
    WHERE status <> 'revoked'
      AND EXISTS (
        SELECT FROM terminal_certificate AS own
        WHERE own.terminal_id = seen.terminal_id AND own.issued_at <= jump.recovered_at
      )
      AND NOT EXISTS (
        SELECT FROM terminal_holdings AS kept WHERE kept.terminal_id = seen.terminal_id AND kept.kept_since >= jump.next_number
      )
      AND NOT EXISTS (
        SELECT FROM terminal_excuse AS excuse WHERE excuse.terminal_id = seen.terminal_id AND excuse.next_number = jump.next_number
      )
    ORDER BY seen.terminal_id`,
  values: () => [],
  toItem: (row) => ({
    kind: 'unheard_since_restore',
    ...placeOf(row),
    since: row.recovered_at.toISOString(),
    recoveredAt: row.recovered_at.toISOString(),
    newestOnFileAt: row.newest_on_file_at.toISOString(),
    restored: row.restored,
  }),
};

interface DisputeRow extends PlaceRow {
  readonly code: string;
  readonly code_on_file: string;
  readonly invoice_id: string | null;
  readonly found_at: Date;
}

/** Genuine receipts that contradict what is on file, of tills and of customers, and that nobody has decided on. */
export const DISPUTED_CODES: Finding<DisputeRow, DisputedCode> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}
    SELECT ${PLACE_COLUMNS}, dispute.code, dispute.code_on_file, dispute.invoice_id, dispute.found_at
    FROM open_dispute AS dispute JOIN seen USING (terminal_id)
    ORDER BY dispute.found_at DESC, dispute.code, dispute.code_on_file`,
  values: () => [],
  toItem: (row) => ({
    kind: 'disputed_code',
    ...placeOf(row),
    since: row.found_at.toISOString(),
    code: row.code,
    codeOnFile: row.code_on_file,
    invoiceId: row.invoice_id,
  }),
};

interface AloneRow extends PlaceRow {
  readonly code: string;
  readonly known_by: KnownByReceipt['knownBy'];
  readonly issued_at: Date;
  readonly total: string;
  readonly currency: string;
  readonly taken_by: string;
  readonly reason: string;
  readonly taken_at: Date;
}

/** Invoices of which a customer's receipt is all that there is (docs/decisions/0048). They count in no sums. */
export const KNOWN_BY_RECEIPT: Finding<AloneRow, KnownByReceipt> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}
    SELECT ${PLACE_COLUMNS}, code, known_by, issued_at, total, currency, taken_by, reason, taken_at
    FROM receipt_alone JOIN seen USING (terminal_id)
    ORDER BY taken_at DESC, code`,
  values: () => [],
  toItem: (row) => ({
    kind: 'known_by_receipt',
    ...placeOf(row),
    since: row.taken_at.toISOString(),
    code: row.code,
    knownBy: row.known_by,
    soldAt: row.issued_at.toISOString(),
    total: Number(row.total),
    currency: row.currency,
    takenBy: row.taken_by,
    reason: row.reason,
  }),
};
