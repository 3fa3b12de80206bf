import { type Bench, rounded } from '../bench.js';
import { contest, ratioOf } from '../contest.js';

/** At a time: handshakes of several tills meet, and none waits for the others. */
const CONNECTIONS = 8;
const INVOICES = 800;
const GOALS = { full: 0.9, resumed: 1.3 } as const;

export const connect: Bench = {
  name: 'connect',
  what: 'a connection for each sale, with a full handshake and with a resumed one, beside full ones of the baseline',
  run: async ({ place, extent, report }) => {
    const load = { shape: 'each', connections: CONNECTIONS, invoices: extent.invoices ?? INVOICES } as const;
    const full = { ...load, isResumed: false };
    const standings = await contest(
      place.generator,
      {
        baseline: { targets: ['baseline'], load: full, meter: place.meters.baseline },
        full: { targets: ['ours'], load: full, meter: place.meters.ours },
        resumed: { targets: ['ours'], load: { ...load, isResumed: true }, meter: place.meters.ours },
      },
      { rounds: extent.rounds, warmUpRounds: 1, report },
    );
    const { baseline, full: ours, resumed } = standings;
    const resumptions = resumed.rounds.reduce((sum, round) => sum + round.resumed, 0);
    const sales = resumed.rounds.reduce((sum, round) => sum + round.invoices, 0);
    const [ratio, resumedRatio] = [ratioOf(ours, baseline), ratioOf(resumed, baseline)];
    return {
      standings: [ours, resumed],
      rows: [
        [
          'connect, full handshakes',
          `${ours.rate.median.toFixed(0)}/s, p99 ${ours.p99.toFixed(1)} ms`,
          `${baseline.rate.median.toFixed(0)}/s, p99 ${baseline.p99.toFixed(1)} ms`,
          `${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`,
          `≥ ${GOALS.full}`,
        ],
        [
          `connect, resumed (${resumptions} of ${sales})`,
          `${resumed.rate.median.toFixed(0)}/s, p99 ${resumed.p99.toFixed(1)} ms`,
          'the same, full',
          `${resumedRatio.median.toFixed(2)} (${resumedRatio.lowest.toFixed(2)} to ${resumedRatio.highest.toFixed(2)})`,
          `≥ ${GOALS.resumed}`,
        ],
      ],
      figures: {
        ratio: rounded(ratio.median),
        resumed: rounded(resumedRatio.median),
        resumptions,
        sales,
        ours: rounded(ours.rate.median),
        oursResumed: rounded(resumed.rate.median),
        baseline: rounded(baseline.rate.median),
      },
    };
  },
};
