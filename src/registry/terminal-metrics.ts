import type { Metrics } from '../observability/metrics/metrics.js';
import type { Sql } from './sql.js';

/** Tills change by the day; of 20,000 the question takes some 30 ms. */
const KEEP_MS = 60_000;
/** Tills renew long before, by themselves. `expired` ones can sell on, offline, until their limit. */
const ENDS_WITHIN = ['expired', '7d', '30d'] as const;

interface TerminalCounts {
  readonly byStatus: ReadonlyMap<string, number>;
  /** Active terminals by how soon their newest certificate ends; each is in one of them at most. */
  readonly ending: ReadonlyMap<(typeof ENDS_WITHIN)[number], number>;
}

/** Offers how many terminals there are, and of how many the certificate ends soon. */
export function offerTerminalMetrics(metrics: Metrics, sql: Sql): void {
  const counts = metrics.figures.add('terminals', KEEP_MS, () => countTerminals(sql));
  metrics.gauge({
    name: 'tax_control_terminals',
    help: 'Registered terminals by status.',
    labels: ['status'],
    read: () => [...(counts.value?.byStatus ?? [])].map(([status, value]) => ({ labels: { status }, value })),
  });
  metrics.gauge({
    name: 'tax_control_terminal_certificates_ending',
    help: 'Active terminals whose newest certificate has expired, or ends within 7 or 30 days; each is counted once.',
    labels: ['within'],
    read: () => [...(counts.value?.ending ?? [])].map(([within, value]) => ({ labels: { within }, value })),
  });
}

async function countTerminals(sql: Sql): Promise<TerminalCounts> {
  const { rows } = await sql.query<{ status: string; ends: string; terminals: string }>(
    `SELECT status,
            CASE WHEN newest < now() THEN 'expired' WHEN newest < now() + interval '7 days' THEN '7d'
                 WHEN newest < now() + interval '30 days' THEN '30d' ELSE 'later' END AS ends,
            count(*) AS terminals
     FROM terminal
     LEFT JOIN (SELECT terminal_id, max(not_after) AS newest FROM terminal_certificate
                WHERE revoked_at IS NULL AND way <> 'shown_again' GROUP BY terminal_id) AS certificate USING (terminal_id)
     GROUP BY 1, 2`,
  );
  const count = (of: (row: (typeof rows)[number]) => boolean): number =>
    rows.filter(of).reduce((sum, { terminals }) => sum + Number(terminals), 0);
  const statuses = ['active', 'suspended', 'revoked'] as const;
  return {
    byStatus: new Map(statuses.map((status) => [status, count((row) => row.status === status)])),
    ending: new Map(
      ENDS_WITHIN.map((within) => [within, count((row) => row.status === 'active' && row.ends === within)]),
    ),
  };
}
