import type { OfflineFacts } from '@tax-control/protocol';
import type { Pool } from 'pg';
import type { RateLimits } from '../rate-limits/rate-limits.js';
import { LOOK_UPS_IN_VAIN } from './limits.js';

/** A receipt without a code that somebody looked up, and that is not on file. `signed`: what its till signed; null: nothing was proven. */
export interface VainLookUp {
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly signed: OfflineFacts | null;
}

/**
 * Keeps look-ups of what is not on file, for the signals of officials: an invented receipt of a known till, or a signed one that is never
 * reported. Idempotent by receipt and by whether it was signed. Beyond the limit of its terminal an unsigned one is not kept.
 */
export async function keepLookUp(
  pool: Pool,
  limits: RateLimits,
  { terminalId, invoiceId, signed }: VainLookUp,
): Promise<void> {
  if (signed === null && !(await limits.take(LOOK_UPS_IN_VAIN, terminalId)).allowed) return;
  await pool.query(
    `INSERT INTO receipt_look_up (terminal_id, invoice_id, signed, sold_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [terminalId, invoiceId, signed !== null, signed === null ? null : new Date(signed.soldAt)],
  );
}
