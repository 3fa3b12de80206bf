import { type Bench, type BenchContext, rounded, type Row } from '../bench.js';
import { contest, ratioOf, type Standing } from '../contest.js';

/**
 * Connections, the goal of each, and invoices of a round: some seconds of what a machine of two cores does. Issuing costs what a list of
 * invoices costs; how many connections there are says how long lists are.
 */
const LOADS = [
  { connections: 1, goal: 0.5, invoices: 1_000 },
  { connections: 8, goal: 0.55, invoices: 3_000 },
  { connections: 32, goal: 0.65, invoices: 6_000 },
  { connections: 128, goal: 0.75, invoices: 6_000 },
  { connections: 512, goal: 0.75, invoices: 6_144 },
] as const;

export const ISSUE_CONNECTIONS_MAX = Math.max(...LOADS.map(({ connections }) => connections));

export const issue: Bench = {
  name: 'issue',
  what: 'the online door at 1, 8, 32, 128 and 512 kept-alive connections, beside the baseline',
  run: async (context) => {
    const { connections: wanted, invoices: count } = context.extent;
    const known = LOADS.filter(({ connections }) => wanted === null || connections === wanted);
    const loads = known.length > 0 || wanted === null ? known : [{ connections: wanted, goal: null, invoices: 6_000 }];
    const rows: Row[] = [];
    const standings: Standing[] = [];
    const figures: Record<string, object> = {};
    for (const { connections, goal, invoices } of loads) {
      context.report(`issue: ${connections} connections`);
      const load = { shape: 'kept', connections, invoices: count ?? invoices } as const;
      const { ours, baseline } = await compare(context, load);
      const ratio = ratioOf(ours, baseline);
      standings.push(ours);
      rows.push([
        `issue, ${connections} connections`,
        `${ours.rate.median.toFixed(0)}/s, p50 ${ours.p50.toFixed(1)}, p99 ${ours.p99.toFixed(1)} ms`,
        `${baseline.rate.median.toFixed(0)}/s, p50 ${baseline.p50.toFixed(1)}, p99 ${baseline.p99.toFixed(1)} ms`,
        `${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`,
        goal === null ? '' : `≥ ${goal}`,
      ]);
      figures[connections] = {
        ratio: rounded(ratio.median),
        ratioLowest: rounded(ratio.lowest),
        ratioHighest: rounded(ratio.highest),
        ours: rounded(ours.rate.median),
        baseline: rounded(baseline.rate.median),
        p50: rounded(ours.p50),
        p99: rounded(ours.p99),
        cpu: { ours: cpuOf(ours), baseline: cpuOf(baseline) },
      };
    }
    return { rows, figures, standings };
  },
};

type KeptLoad = { readonly shape: 'kept'; readonly connections: number; readonly invoices: number };

function compare({ place, extent, report, onCounting }: BenchContext, load: KeptLoad) {
  const contestants = {
    baseline: { targets: ['baseline'], load, meter: place.meters.baseline },
    ours: { targets: ['ours'], load, meter: place.meters.ours },
  } as const;
  return contest(place.generator, contestants, { rounds: extent.rounds, warmUpRounds: 0, onCounting, report });
}

/** Microseconds of one invoice. */
function cpuOf({ cpu }: Standing): object | null {
  return (
    cpu && { server: rounded(cpu.server, 0), database: rounded(cpu.database, 0), generator: rounded(cpu.generator, 0) }
  );
}
