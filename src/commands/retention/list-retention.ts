import { readRetentionSettings } from '../../configuration/read-settings.js';
import { type ContentMonth, listContentMonths } from '../../ledger/retention/content-months.js';
import { type LegalHold, listHolds } from '../../registry/legal-holds.js';
import { withDatabase } from '../operator-database.js';
import { done, type Outcome } from '../outcome.js';
import { table } from '../table.js';
import { readCutoff } from './cutoff.js';

/** `retention list` */
export function listRetention(): Promise<Outcome> {
  const settings = readRetentionSettings();
  return withDatabase(async (pool) => {
    const cutoff = await readCutoff(pool, settings.contentYears);
    const months = (await listContentMonths(pool)).map((month) => ({ ...month, state: stateOf(month, cutoff) }));
    const holds = await listHolds(pool);
    const lead =
      `Content is kept for ${settings.contentYears} years: what came before ${cutoff} may go. The audit trail is kept for ` +
      `${settings.auditTrailYears} years, buyers are shown for ${settings.buyerDataYears}.`;
    return done({ settings, cutoff, months, holds }, [lead, monthTable(months), holdTable(holds)].join('\n\n'));
  });
}

type State = 'kept' | 'due' | 'removed' | 'held';

function stateOf({ month, invoices, bytes, removedAt }: ContentMonth, cutoff: string): State {
  if (removedAt !== null) return invoices > 0 || bytes > 0 ? 'held' : 'removed';
  return month < cutoff ? 'due' : 'kept';
}

function monthTable(months: readonly (ContentMonth & { readonly state: State })[]): string {
  return table(
    ['MONTH', 'STATE', 'INVOICES (ABOUT)', 'BYTES', 'REMOVED', 'WHEN'],
    months.map((one) => [
      one.month.slice(0, 'YYYY-MM'.length),
      one.state,
      String(one.invoices),
      String(one.bytes),
      one.removedAt === null ? '' : String(one.removed),
      one.removedAt?.toISOString() ?? '',
    ]),
  );
}

function holdTable(holds: readonly LegalHold[]): string {
  return table(
    ['HOLD', 'TAXPAYER', 'PLACED', 'RELEASED', 'REASON'],
    holds.map((one) => [
      one.holdId,
      one.taxpayerId,
      one.placedAt.toISOString(),
      one.releasedAt?.toISOString() ?? '',
      one.reason,
    ]),
  );
}
