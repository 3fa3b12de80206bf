import { type ListedTerminal, listTerminalsSeen } from '../log-analytics/missing/listed-terminals.js';
import type { TerminalStatus } from '../registry/terminals.js';
import { withDatabase } from './operator-database.js';
import { done, misused, type Outcome } from './outcome.js';
import { table } from './table.js';

/** Rows of a page where nothing is said: as many as a person scrolls through, or a script reads at once. */
export const LIST_LIMIT = 1_000;
/** Rows of a page at most: the tills of a country fit into one. */
const LIST_LIMIT_MAX = 50_000;

export interface ListOptions {
  readonly taxpayer?: string;
  readonly premises?: string;
  readonly region?: string;
  readonly status?: TerminalStatus;
  readonly notSeenSince?: string;
  readonly after?: string;
  readonly limit?: number;
}

/** `terminal list` */
export async function listTerminals(options: ListOptions): Promise<Outcome> {
  const { taxpayer, premises, region, status, notSeenSince, after = null, limit = LIST_LIMIT } = options;
  if (limit < 1 || limit > LIST_LIMIT_MAX) return misused(`--limit must be between 1 and ${LIST_LIMIT_MAX}.`);
  return withDatabase(async (pool) => {
    const criteria = {
      taxpayerId: taxpayer ?? null,
      premisesId: premises ?? null,
      region: region ?? null,
      status: status ?? null,
      notSeenSince: notSeenSince ?? null,
    };
    const page = await listTerminalsSeen(pool, criteria, { after, limit });
    const more = page.next === null ? '' : `\n\nThere are more: the same with --after ${page.next}`;
    return done(page, `${tableOf(page.terminals)}${more}`);
  });
}

function tableOf(terminals: readonly ListedTerminal[]): string {
  return table(
    ['TERMINAL', 'PREMISES', 'TAXPAYER', 'REGION', 'STATUS', 'SINCE', 'LAST SEEN', 'REASON'],
    terminals.map((one) => [
      one.terminalId,
      one.premisesId,
      one.taxpayerId,
      one.region,
      one.status,
      one.statusChangedAt.toISOString(),
      one.lastSeenAt?.toISOString() ?? 'never',
      one.statusReason ?? '',
    ]),
  );
}
