import type { CodeDispute, DisputeDecision } from '@tax-control/protocol/console';
import type { Reads } from '../database/reads.js';

interface Row {
  readonly code: string;
  readonly code_on_file: string;
  readonly terminal_id: string;
  readonly invoice_id: string | null;
  readonly found_at: Date;
  readonly stands: DisputeDecision | null;
  readonly settled_by: string;
  readonly reason: string;
  readonly settled_at: Date;
}

/** Disputes that are looked for. `code`: of the receipt; `codeOnFile`: against it; null: any. `premisesIds`: only of tills in these; null: of all. */
export interface DisputesWanted {
  readonly code: string | null;
  readonly codeOnFile: string | null;
  readonly premisesIds: readonly string[] | null;
  readonly isOpen: boolean;
  readonly limit: number;
}

/** Genuine receipts that contradict what is on file, of tills and of customers, the newest first, each with its newest decision. */
export async function listDisputes(
  database: Reads,
  { code, codeOnFile, premisesIds, isOpen, limit }: DisputesWanted,
): Promise<CodeDispute[]> {
  const { rows } = await database.query<Row>(
    `SELECT dispute.code, dispute.code_on_file, terminal_id, invoice_id::text, found_at, stands, settled_by, reason, settled_at
     FROM contradicting_receipt AS dispute JOIN terminal USING (terminal_id)
     LEFT JOIN LATERAL (
       SELECT stands, settled_by, reason, settled_at FROM settled_dispute AS one
       WHERE one.code = dispute.code AND one.code_on_file = dispute.code_on_file ORDER BY settlement_id DESC LIMIT 1
     ) AS settled ON true
     WHERE ($1::text IS NULL OR dispute.code = $1) AND ($2::text[] IS NULL OR premises_id = ANY ($2)) AND (NOT $3 OR stands IS NULL)
       AND ($5::text IS NULL OR dispute.code_on_file = $5)
     ORDER BY found_at DESC, dispute.code, dispute.code_on_file LIMIT $4`,
    [code, premisesIds, isOpen, limit, codeOnFile],
  );
  return rows.map((row) => ({
    code: row.code,
    codeOnFile: row.code_on_file,
    terminalId: row.terminal_id,
    invoiceId: row.invoice_id,
    foundAt: row.found_at.toISOString(),
    settlement:
      row.stands === null
        ? null
        : {
            stands: row.stands,
            settledBy: row.settled_by,
            reason: row.reason,
            settledAt: row.settled_at.toISOString(),
          },
  }));
}
