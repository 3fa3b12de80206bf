import type { Pool } from 'pg';
import { type Clock, LIMITS } from '@tax-control/protocol';
import type { Fault } from './fault.js';

/** How this machine's clock stands to the database's. */
export interface ClockDifference {
  /** Milliseconds that this machine's clock is ahead; negative: behind. */
  readonly aheadMs: number;
  /** The difference may be off by this much: half of the journey there and back. */
  readonly uncertainMs: number;
}

/** Of a few measurements the one with the shortest journey is the truest. */
const MEASUREMENTS = 3;

/** Measures the difference, one short question at a time. */
export async function measureClock(pool: Pool, clock: Clock): Promise<ClockDifference> {
  let best: ClockDifference = { aheadMs: 0, uncertainMs: Number.POSITIVE_INFINITY };
  for (let count = 0; count < MEASUREMENTS; count++) {
    const [sentAt, sentAtMark] = [clock.now(), clock.monotonicMs()];
    const { rows } = await pool.query<{ ms: number }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS ms',
    );
    const uncertainMs = (clock.monotonicMs() - sentAtMark) / 2;
    const aheadMs = sentAt + uncertainMs - (rows[0]?.ms ?? sentAt);
    if (uncertainMs < best.uncertainMs) best = { aheadMs, uncertainMs };
  }
  return { aheadMs: Math.round(best.aheadMs), uncertainMs: Math.ceil(best.uncertainMs) };
}

/**
 * A difference above which invoices are flagged for their clock (the tills' own bound): then somebody's clock is wrong, and receipts
 * bear the server's. Codes are issued all the same; nobody's sale waits for a clock.
 */
export function judgeClock({ aheadMs, uncertainMs }: ClockDifference): Fault[] {
  if (Math.abs(aheadMs) - uncertainMs <= LIMITS.clockOffsetMsMax) return [];
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return [
    {
      seen: `The clock of this machine is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the database's.`,
      advice:
        'Find out which of the two is wrong, and let NTP set it (timedatectl, chronyc tracking). Receipts bear this machine’s time.',
    },
  ];
}
