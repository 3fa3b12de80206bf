import { type Bench, rounded } from '../bench.js';
import { contest } from '../contest.js';
import { spreadOf } from '../figures.js';
import { startPlainInserts } from '../plain-inserts.js';
import { readThreshold } from '../../fleet/register-shop.js';

const CONNECTIONS = 16;
const INVOICES = 6_400;
const GOAL = 0.4;

export const reissue: Bench = {
  name: 'reissue',
  what: 'the late door with lists as long as the threshold over 16 connections, beside pgbench: one insert of such a row a transaction',
  run: async ({ place, extent, report, signal }) => {
    const listInvoices = await readThreshold(place.local);
    const invoices = extent.invoices ?? INVOICES;
    const load = { shape: 'lists', connections: CONNECTIONS, invoices, listInvoices } as const;
    const contestants = { ours: { targets: ['ours'], load, meter: place.meters.ours } } as const;
    const warm = await contest(place.generator, contestants, { rounds: 1, warmUpRounds: 1, report });
    const inserts = await startPlainInserts(place.local.databaseUrls.superuser, signal);
    const standings = [warm.ours];
    const rates: number[] = [];
    const ratios: number[] = [];
    for (let round = 1; round <= extent.rounds; round += 1) {
      const beside = await inserts.run();
      const { ours } = await contest(place.generator, contestants, { rounds: 1, warmUpRounds: 0, report });
      standings.push(ours);
      rates.push(beside);
      ratios.push(ours.rate.median / beside);
      report(`round ${round}: ours ${ours.rate.median.toFixed(0)}/s, ${inserts.by} ${beside.toFixed(0)}/s`);
    }
    const ours = spreadOf(standings.slice(1).map(({ rate }) => rate.median));
    const [ratio, beside] = [spreadOf(ratios), spreadOf(rates)];
    return {
      standings,
      rows: [
        [
          `reissue, lists of ${listInvoices}`,
          `${ours.median.toFixed(0)}/s`,
          `${beside.median.toFixed(0)}/s (${inserts.by})`,
          `${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`,
          `≥ ${GOAL}`,
        ],
      ],
      figures: {
        ratio: rounded(ratio.median),
        ratioLowest: rounded(ratio.lowest),
        ratioHighest: rounded(ratio.highest),
        ours: rounded(ours.median),
        beside: rounded(beside.median),
        by: inserts.by,
        listInvoices,
      },
    };
  },
};
