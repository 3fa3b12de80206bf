import type { WarningCode } from '@tax-control/protocol';
import type {
  Durations,
  Filter,
  InvoiceFigures,
  InvoicePoint,
  InvoiceStatistics,
  PendingInvoice,
  ReportQuery,
  WarningCount,
} from '@tax-control/protocol/console';
import type { Pool, PoolClient } from 'pg';
import type { PremisesDirectory } from '../../registry/premises-directory.js';
import { causesOf } from '../statistics/causes.js';
import { QUANTILE_ERROR_SHARE, quantileMs } from '../statistics/histogram.js';
import { checkedPeriod, comparisonsOf, periodOf, type Span } from '../statistics/period.js';
import { resolveScope, type Scope, type View } from '../statistics/scope.js';
import { stepsOf } from '../statistics/steps.js';
import { type Compared, figure, labelsOf, select, timesOf } from './figures.js';
import { currencyFigures, isFiscal, turnoverSeries } from './money.js';
import { readConsistently } from './read-consistently.js';
import { type Mark, readMark, readSums, type Sum } from './read-sums.js';
import { type FigureName, LEDGER, REFUSED } from './sources.js';
import { countPending, pendingByTerminal, pendingOfTerminal } from './waiting-invoices.js';

/** What a span comes to: sums of the ledger, of what was refused, and how many invoices of it still wait. */
interface Totals {
  readonly ledger: readonly Sum[];
  readonly refused: readonly Sum[];
  readonly pending: number;
}

/** What the ledger tells of a period: invoices, money, warnings, waiting. Exact at any moment (I8). */
export class InvoiceStatisticsService {
  constructor(
    private readonly pool: Pool,
    private readonly premises: PremisesDirectory,
  ) {}

  /**
   * Invoices by their time of sale, refused ones by the time of refusal. A cause narrows what was refused alone; a door all but what is pending,
   * which came by none yet.
   *
   * @param query checked
   * @throws what the driver throws on an outage
   */
  async statistics({ period: wanted, filter }: ReportQuery, view: View): Promise<InvoiceStatistics> {
    const period = checkedPeriod(wanted);
    const spans = comparisonsOf(period);
    const steps = stepsOf(period);
    const scope = await resolveScope(this.premises, view, filter);
    const { compared, ledgerSteps, refusedSteps } = await readConsistently(this.pool, async (client) => {
      const figures = new FigureReader(
        client,
        await readMark(client, LEDGER),
        await readMark(client, REFUSED),
        scope,
        filter,
      );
      return {
        compared: {
          value: await figures.totals(spans.value),
          before: await figures.totals(spans.before),
          sameWeekday: await figures.totals(spans.sameWeekday),
        },
        ledgerSteps: await figures.ledger(steps, ['invoices']),
        refusedSteps: await figures.refused(steps),
      };
    });
    const ledger = {
      value: compared.value.ledger,
      before: compared.before.ledger,
      sameWeekday: compared.sameWeekday.ledger,
    };
    const bySteps = byStep(ledgerSteps, steps);
    return {
      period: periodOf(period),
      figures: figuresOf(compared),
      series: seriesOf(steps, bySteps, byStep(refusedSteps, steps)),
      money: currencyFigures(ledger),
      turnoverSeries: turnoverSeries(bySteps, steps),
      saleToCode: saleToCodeOf(ledger.value),
      warnings: warningsOf(ledger),
    };
  }

  /** Currencies of the invoices on file, the most frequent first, as far as the sums hold them. */
  async currencies(): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ currency: string }>(
      `SELECT split_part(label, '/', 3) AS currency FROM invoice_statistics
       WHERE level = 'all' AND unit = '' AND figure = 'invoices' AND grain = 'day'
       GROUP BY 1 ORDER BY sum(times) DESC, 1`,
    );
    return rows.map(({ currency }) => currency);
  }

  /** How many invoices wait at each of some terminals at this moment; terminals without one, or out of view, are left out. */
  async pending(terminalIds: readonly string[], view: View): Promise<Map<string, number>> {
    const { terminals } = await resolveScope(this.premises, view, { terminalIds });
    return pendingByTerminal(this.pool, terminals ?? []);
  }

  /** The invoices that wait at a terminal, the oldest first, at most `rowsMax`. Whoever calls has seen to it that the terminal is in view. */
  pendingOf(terminalId: string, rowsMax: number): Promise<readonly PendingInvoice[]> {
    return pendingOfTerminal(this.pool, terminalId, rowsMax);
  }
}

/** Reads what one request asks for, in one snapshot. */
class FigureReader {
  constructor(
    private readonly client: PoolClient,
    private readonly ledgerMark: Mark,
    private readonly refusedMark: Mark,
    private readonly scope: Scope,
    private readonly filter: Filter,
  ) {}

  async totals(span: Span): Promise<Totals> {
    return {
      ledger: await this.ledger([span]),
      refused: await this.refused([span]),
      pending: await countPending(this.client, span, this.scope),
    };
  }

  ledger(steps: readonly Span[], figures?: readonly FigureName[]): Promise<readonly Sum[]> {
    const { scope, filter } = this;
    return readSums(this.client, LEDGER, this.ledgerMark, { steps, scope, figures, door: filter.door });
  }

  refused(steps: readonly Span[]): Promise<readonly Sum[]> {
    const { scope, filter } = this;
    const labels = causesOf(filter) ?? undefined;
    return readSums(this.client, REFUSED, this.refusedMark, { steps, scope, labels, door: filter.door });
  }
}

function byStep(sums: readonly Sum[], steps: readonly Span[]): readonly (readonly Sum[])[] {
  const groups: Sum[][] = steps.map(() => []);
  for (const sum of sums) groups[sum.step]?.push(sum);
  return groups;
}

function figuresOf(compared: Compared<Totals>): InvoiceFigures {
  const fiscal = (door?: string) => (totals: Totals) => timesOf(fiscalOf(totals.ledger, door));
  return {
    invoices: figure(compared, fiscal()),
    online: figure(compared, fiscal('issue')),
    reissued: figure(compared, fiscal('reissue')),
    pending: figure(compared, ({ pending }) => pending),
    refusedInvoices: figure(compared, ({ refused }) => timesOf(refused)),
    notFiscal: figure(compared, ({ ledger }) => timesOf(select(ledger, 'invoices').filter((sum) => !isFiscal(sum)))),
    withWarnings: figure(compared, ({ ledger }) => timesOf(select(ledger, 'flagged'))),
  };
}

/** Fiscal receipts that came by one door, or by either. */
function fiscalOf(sums: readonly Sum[], door?: string): readonly Sum[] {
  return select(sums, 'invoices').filter((sum) => isFiscal(sum) && (door === undefined || sum.door === door));
}

function seriesOf(
  steps: readonly Span[],
  ledger: readonly (readonly Sum[])[],
  refused: readonly (readonly Sum[])[],
): readonly InvoicePoint[] {
  return steps.map(({ fromMs, toMs }, step) => ({
    start: new Date(fromMs).toISOString(),
    end: new Date(toMs).toISOString(),
    online: timesOf(fiscalOf(ledger[step] ?? [], 'issue')),
    reissued: timesOf(fiscalOf(ledger[step] ?? [], 'reissue')),
    refused: timesOf(refused[step] ?? []),
  }));
}

const P95 = 0.95;
const MEDIAN = 0.5;

/** Time from sale to code of reissued invoices: the sums hold a histogram of it, and the longest. */
function saleToCodeOf(sums: readonly Sum[]): Durations {
  const waited = select(sums, 'waited');
  const counts: number[] = [];
  for (const { label, times } of waited) counts[Number(label[0])] = (counts[Number(label[0])] ?? 0) + times;
  const buckets = Array.from(counts, (count: number | undefined) => count ?? 0);
  const maxMs = waited.reduce((longest, { longestMs }) => Math.max(longest, longestMs), 0);
  return {
    count: timesOf(waited),
    medianMs: quantileMs(buckets, MEDIAN, maxMs),
    p95Ms: quantileMs(buckets, P95, maxMs),
    maxMs: waited.length === 0 ? null : maxMs,
    errorShare: QUANTILE_ERROR_SHARE,
  };
}

function warningsOf(ledger: Compared<readonly Sum[]>): readonly WarningCount[] {
  return labelsOf(ledger, 'warning').map((label) => ({
    warning: label as WarningCode,
    count: figure(ledger, (sums) => timesOf(select(sums, 'warning', ([other]) => other === label))),
  }));
}
