import type { Reads } from '../database/reads.js';

/** Terminals that are named; how many there are is told beside them. */
const NAMED_MAX = 20;

/** How far what a restored database forgot is back (docs/decisions/0045). */
export interface RestorationProgress {
  /** The last jump of the numbers: first number behind it, when, and from when the newest thing was that the database still knew. */
  readonly lastJump: number;
  readonly recoveredAt: Date;
  readonly newestOnFileAt: Date;
  /** Invoices that came back ever, and the times of registration of the first and the last of them; null: none did. */
  readonly restored: number;
  readonly restoredFrom: Date | null;
  readonly restoredUntil: Date | null;
  /** Terminals that were enrolled at the jump and are not revoked, and those of them that found all that they hold on file since. */
  readonly terminals: number;
  readonly confirmed: number;
  /** Those that did not, and that an operator excused since the last jump at which anything may have been forgotten. */
  readonly excused: number;
  /** The others that did not, by id, the first of them. */
  readonly outstanding: readonly string[];
  /** Revoked ones that did not: what they hold comes back by their journal alone. */
  readonly revoked: number;
  /** Invoices of which a customer's receipt is all that there is (docs/decisions/0048). */
  readonly knownByReceipt: number;
  /** Genuine receipts that contradict what is on file: those that nobody has decided on, and those that are settled. */
  readonly disputes: number;
  readonly settledDisputes: number;
}

const PROGRESS = `
WITH jump AS (
  SELECT next_number, recovered_at, newest_on_file_at FROM database_recovery ORDER BY next_number DESC LIMIT 1
), holder AS (
  SELECT terminal_id, status = 'revoked' AS is_revoked,
         EXISTS (SELECT FROM terminal_holdings AS kept
                 WHERE kept.terminal_id = terminal.terminal_id AND kept.kept_since >= (SELECT next_number FROM jump)) AS is_confirmed,
         EXISTS (SELECT FROM terminal_excuse AS excuse JOIN forgetting_jump USING (next_number)
                 WHERE excuse.terminal_id = terminal.terminal_id) AS is_excused
  FROM terminal
  WHERE EXISTS (
    SELECT FROM terminal_certificate AS own
    WHERE own.terminal_id = terminal.terminal_id AND own.issued_at <= (SELECT recovered_at FROM jump)
  )
), back AS (
  SELECT count(*) AS restored, min(registered_at) AS first, max(registered_at) AS last FROM ledger WHERE restored_at IS NOT NULL
)
SELECT jump.*, back.*,
       (SELECT count(*) FROM holder WHERE NOT is_revoked) AS terminals,
       (SELECT count(*) FROM holder WHERE NOT is_revoked AND is_confirmed) AS confirmed,
       (SELECT count(*) FROM holder WHERE NOT is_revoked AND NOT is_confirmed AND is_excused) AS excused,
       (SELECT count(*) FROM holder WHERE is_revoked AND NOT is_confirmed) AS revoked,
       ARRAY(SELECT terminal_id::text FROM holder WHERE NOT is_revoked AND NOT is_confirmed AND NOT is_excused ORDER BY 1 LIMIT ${NAMED_MAX}) AS outstanding,
       (SELECT count(*) FROM receipt_alone) AS known_by_receipt,
       (SELECT count(*) FROM contradicting_receipt) AS all_disputes,
       (SELECT count(*) FROM open_dispute) AS disputes
FROM jump, back`;

interface Row {
  readonly next_number: string;
  readonly recovered_at: Date;
  readonly newest_on_file_at: Date;
  readonly restored: string;
  readonly first: Date | null;
  readonly last: Date | null;
  readonly terminals: string;
  readonly confirmed: string;
  readonly excused: string;
  readonly revoked: string;
  readonly outstanding: string[];
  readonly known_by_receipt: string;
  readonly all_disputes: string;
  readonly disputes: string;
}

/** Null: the numbers never jumped. */
export async function readRestorationProgress(database: Reads): Promise<RestorationProgress | null> {
  const { rows } = await database.query<Row>(PROGRESS);
  const [row] = rows;
  if (row === undefined) return null;
  return {
    lastJump: Number(row.next_number),
    recoveredAt: row.recovered_at,
    newestOnFileAt: row.newest_on_file_at,
    restored: Number(row.restored),
    restoredFrom: row.first,
    restoredUntil: row.last,
    terminals: Number(row.terminals),
    confirmed: Number(row.confirmed),
    excused: Number(row.excused),
    outstanding: row.outstanding,
    revoked: Number(row.revoked),
    knownByReceipt: Number(row.known_by_receipt),
    disputes: Number(row.disputes),
    settledDisputes: Number(row.all_disputes) - Number(row.disputes),
  };
}
