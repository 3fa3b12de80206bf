import { type Bench, rounded, type Row } from '../bench.js';
import { contest, type Standing } from '../contest.js';

/** Kept open, so that an arrival finds one that is free. */
const CONNECTIONS = 128;
const SECONDS = 6;
const QUIET_RATE = 50;
const GOAL = 2;
/** By which our own maximum is found. */
const MAXIMUM = { shape: 'kept', connections: 32, invoices: 4_000 } as const;

export const latency: Bench = {
  name: 'latency',
  what: 'arrivals at their times (no coordinated omission) at half of our own maximum and at 50 a second, beside the baseline',
  run: async ({ place, extent, report }) => {
    const { generator, meters } = place;
    const found = await contest(
      generator,
      { maximum: { targets: ['ours'], load: MAXIMUM, meter: meters.ours } },
      { rounds: 1, warmUpRounds: 1, report },
    );
    const rows: Row[] = [];
    const figures: Record<string, object> = {};
    const standings: Standing[] = [found.maximum];
    for (const [name, rate] of [
      ['half', Math.round(found.maximum.rate.median / 2)],
      ['quiet', QUIET_RATE],
    ] as const) {
      const load = { shape: 'open', connections: CONNECTIONS, rate, seconds: SECONDS } as const;
      const { ours, baseline } = await contest(
        generator,
        {
          baseline: { targets: ['baseline'], load, meter: meters.baseline },
          ours: { targets: ['ours'], load, meter: meters.ours },
        },
        { rounds: Math.min(2, extent.rounds), warmUpRounds: 0, report },
      );
      standings.push(ours);
      const ratio = ours.p99 / baseline.p99;
      rows.push([
        `latency at ${rate}/s`,
        `p50 ${ours.p50.toFixed(1)}, p99 ${ours.p99.toFixed(1)} ms`,
        `p50 ${baseline.p50.toFixed(1)}, p99 ${baseline.p99.toFixed(1)} ms`,
        `${ratio.toFixed(2)} of p99`,
        `≤ ${GOAL}`,
      ]);
      figures[name] = {
        rate,
        ratio: rounded(ratio),
        p50: rounded(ours.p50),
        p99: rounded(ours.p99),
        baselineP50: rounded(baseline.p50),
        baselineP99: rounded(baseline.p99),
      };
    }
    return { rows, figures, standings };
  },
};
