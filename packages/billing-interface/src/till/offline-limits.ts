import type { OfflineLimits } from '@tax-control/protocol';
import type { Backlog } from '../journal/backlog-sums.js';

/** How near the backlog is to the limits; the sentence names the limit and what to do. */
export type LimitVerdict =
  { readonly state: 'within' } | { readonly state: 'near' | 'reached'; readonly sentence: string };

/** Part of a limit from which on the MIS is warned. */
const WARNING_AT = 0.8;
const MS_PER_HOUR = 3_600_000;

interface Gauge {
  readonly name: string;
  readonly is: number;
  readonly max: number;
  readonly isReached: boolean;
}

/**
 * Judges one more invoice against the offline limits: hours since the first unreported invoice, number, sum of sales.
 * What the server deferred does not count. Pure.
 * @param amount what the invoice adds to the sum of sales, smallest unit; 0 to judge the backlog as it is
 * @param now milliseconds, by the same clock as the backlog's times: see `WaitingTime`
 */
export function judgeLimits(limits: OfflineLimits, backlog: Backlog, amount: number, now: number): LimitVerdict {
  const hours = backlog.oldestCountedAt === null ? 0 : Math.max(0, now - backlog.oldestCountedAt) / MS_PER_HOUR;
  const sales = backlog.countedSales + amount;
  const gauges: readonly Gauge[] = [
    {
      name: 'hours without a connection',
      is: Math.floor(hours),
      max: limits.hoursMax,
      isReached: hours > limits.hoursMax,
    },
    {
      name: 'invoices waiting',
      is: backlog.counted,
      max: limits.invoicesMax,
      isReached: backlog.counted >= limits.invoicesMax,
    },
    { name: 'sum of waiting sales', is: sales, max: limits.salesMax, isReached: sales > limits.salesMax },
  ];
  const reached = gauges.find(({ isReached }) => isReached);
  if (reached !== undefined)
    return {
      state: 'reached',
      sentence: `The offline limit is reached (${describe(reached)}). Bring the till online, or tell the operator.`,
    };
  const near = gauges.find(({ is, max }) => is > 0 && is >= WARNING_AT * max);
  if (near === undefined) return { state: 'within' };
  return { state: 'near', sentence: `An offline limit is near (${describe(near)}). Bring the till online soon.` };
}

function describe({ name, is, max }: Gauge): string {
  return `${name}: ${is} of ${max}`;
}
