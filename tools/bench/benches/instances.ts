import { type Bench, rounded } from '../bench.js';
import { contest, ratioOf } from '../contest.js';

const CONNECTIONS = 32;
const INVOICES = 4_000;

export const instances: Bench = {
  name: 'instances',
  what: 'two server processes on one PostgreSQL with half of the connections each, beside one',
  run: async ({ place, extent, report }) => {
    const load = { shape: 'kept', connections: CONNECTIONS, invoices: extent.invoices ?? INVOICES } as const;
    const { one, two } = await contest(
      place.generator,
      {
        one: { targets: ['ours'], load, meter: place.meters.ours },
        two: { targets: ['ours', 'second'], load, meter: null },
      },
      { rounds: extent.rounds, warmUpRounds: 1, report },
    );
    const ratio = ratioOf(two, one);
    return {
      standings: [one, two],
      rows: [
        [
          'two server processes',
          `${two.rate.median.toFixed(0)}/s, p99 ${two.p99.toFixed(1)} ms`,
          `${one.rate.median.toFixed(0)}/s, p99 ${one.p99.toFixed(1)} ms (one)`,
          `${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`,
          '',
        ],
      ],
      figures: { ratio: rounded(ratio.median), two: rounded(two.rate.median), one: rounded(one.rate.median) },
    };
  },
};
