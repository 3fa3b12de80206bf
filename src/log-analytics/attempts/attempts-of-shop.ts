import type { AttemptRow } from '@tax-control/protocol/console';
import type { Sql } from '../../registry/sql.js';
import type { Span } from '../statistics/period.js';
import { listAttempts } from './list-attempts.js';

/** Rows read at once, 0.5 MB: each batch goes on after the last row of the one before, so none is read twice. */
const BATCH_ROWS = 1_000;

/** All attempts of one shop in a period, newest first, in batches. Whether it may be seen is the caller's to know. */
export async function* listAttemptsOfShop(sql: Sql, premisesId: string, span: Span): AsyncGenerator<AttemptRow[]> {
  const units = [{ level: 'premises', id: premisesId }] as const;
  const query = { scope: { units, premises: [premisesId], terminals: null }, door: null, causes: null };
  for (let after: AttemptRow | undefined; ;) {
    const part = { limit: BATCH_ROWS, ...(after === undefined ? {} : { after }) };
    const rows = await listAttempts(sql, query, { all: true }, span, part);
    yield rows;
    if (rows.length < BATCH_ROWS) return;
    after = rows.at(-1);
  }
}
