import type { Pool } from 'pg';
import type { Clock } from '@tax-control/protocol';
import type { Metrics } from '../../observability/metrics/metrics.js';
import { readRollUpLag } from './roll-up-lag.js';
import { readBacklog } from './waiting-invoices.js';

/** After a night's outage of the whole country the backlog is a million rows, and counting them takes a second. */
const KEEP_BACKLOG_MS = 60_000;
const KEEP_LAG_MS = 15_000;
const MILLISECONDS_PER_SECOND = 1_000;

/** Offers what waits with the tills, and how far the sums of the ledger are behind. */
export function offerAnalyticsMetrics(metrics: Metrics, pool: Pool, clock: Clock): void {
  const secondsSince = (at: Date | null): number =>
    at === null ? 0 : Math.max(0, clock.now() - at.getTime()) / MILLISECONDS_PER_SECOND;
  const backlog = metrics.figures.add('backlog', KEEP_BACKLOG_MS, () => readBacklog(pool));
  metrics.gauge({
    name: 'tax_control_backlog_invoices',
    help: 'Invoices that tills reported as stored and that have no code yet.',
    read: () => (backlog.value === null ? [] : [{ value: backlog.value.invoices }]),
  });
  metrics.gauge({
    name: 'tax_control_backlog_oldest_seconds',
    help: 'For how long the oldest of them has been waiting; 0 when none waits.',
    read: () => (backlog.value === null ? [] : [{ value: secondsSince(backlog.value.oldestAt) }]),
  });
  const lag = metrics.figures.add('roll_up', KEEP_LAG_MS, () => readRollUpLag(pool));
  metrics.gauge({
    name: 'tax_control_roll_up_lag_seconds',
    help: 'For how long the oldest invoice that is not in the sums yet has been on file; 0 when all are.',
    read: () => (lag.value === null ? [] : [{ value: secondsSince(lag.value.oldestAt) }]),
  });
}
