import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { rollUp } from './invoices/roll-up.js';

/** Rows of one transaction: about a second, so that a rebuild that is stopped has lost no more. */
const CHUNK_ROWS = 20_000;
/** While a server has the roll-up in hand. */
const RETRY_AFTER_MS = 100;

/**
 * What a rebuild did. `invoices`: rows of the ledger and of what was refused that were taken over again. `adopted`: of these, rows that bore
 * transaction numbers of another cluster, as after pg_restore.
 */
export interface Rebuilt {
  readonly invoices: number;
  readonly adopted: number;
}

/**
 * Makes the sums of attempts and invoices, and the list of waiting invoices, anew from the rows. Servers may run meanwhile: uploads wait for a part
 * of it; reports stay exact, and are slow until it is through. Idempotent; stopped half-way, the servers go on with it. Tax of content that
 * retention has detached is not known any more.
 *
 * @param pool of a role that is a member of tax_control_operator
 */
export async function rebuildStatistics(pool: Pool): Promise<Rebuilt> {
  const adopted = await prepare(pool);
  let invoices = 0;
  for (;;) {
    const outcome = await rollUp(pool, CHUNK_ROWS);
    if (outcome.result === 'foreign') throw new Error('the marks were set anew and are still of another cluster');
    if (outcome.result === 'elsewhere') await sleep(RETRY_AFTER_MS);
    else {
      invoices += outcome.rows;
      if (!outcome.more) return { invoices, adopted };
    }
  }
}

/** Takes the sums back. Each of these statements reads a whole table, so none has a time limit. */
async function prepare(pool: Pool): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    const adopted = await adoptRestoredRows((rowsMax) =>
      client
        .query<{ adopted: number }>('SELECT adopt_restored_rows($1) AS adopted', [rowsMax])
        .then(({ rows }) => rows[0]?.adopted ?? 0),
    );
    await client.query('SELECT rebuild_attempt_counts()');
    await client.query('SELECT collect_waiting_invoices()');
    await client.query('SELECT forget_invoice_statistics()');
    // Failures, journals and months: the servers make them anew in the background.
    await client.query('SELECT forget_incident_tables()');
    await client.query('RESET statement_timeout');
    return adopted;
  } finally {
    client.release();
  }
}

async function adoptRestoredRows(adopt: (rowsMax: number) => Promise<number>): Promise<number> {
  let adopted = 0;
  for (;;) {
    const rows = await adopt(CHUNK_ROWS);
    if (rows === 0) return adopted;
    adopted += rows;
  }
}
