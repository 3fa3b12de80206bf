import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import type {
  AttemptRow,
  AttemptRowFilter,
  AttemptStatistics,
  Failures,
  Page,
  PageQuery,
  ReportQuery,
} from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import { PremisesDirectory } from '../../registry/premises-directory.js';
import { causesOf } from '../statistics/causes.js';
import { type CheckedPeriod, checkedPeriod, comparisonsOf, periodOf, type Span } from '../statistics/period.js';
import { resolveScope, type View } from '../statistics/scope.js';
import { stepsOf } from '../statistics/steps.js';
import type { AttemptQuery } from './attempt-sources.js';
import { readDurations } from './durations.js';
import {
  causesIn,
  causeSeriesOf,
  type Compared,
  figureOf,
  mapCompared,
  offlineShare,
  seriesOf,
  totalsOf,
} from './fold-counts.js';
import { readHeatMap } from './heat-map.js';
import { cursorOf, listAttempts } from './list-attempts.js';
import { countBySteps, countRefusedAuthentications, countUnplaced, type StepCount } from './read-counts.js';
import { readTopTerminals } from './top-terminals.js';

/**
 * How attempts went in a period, as far as whoever asks may see. Periods are checked ones (`readPeriod`); one that is not is a
 * bug. Outages come as the driver's errors. A request uses one database session at a time: the console must not crowd out the tills.
 */
@Injectable()
export class AttemptStatisticsService {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly premises: PremisesDirectory,
  ) {}

  /** Attempts by outcome, causes over time and durations, each count with its comparisons. */
  async statistics(query: ReportQuery, view: View): Promise<AttemptStatistics> {
    const period = checkedPeriod(query.period);
    const asked = await this.#asked(query, view);
    const steps = stepsOf(period);
    const counts = await this.#counts(asked, period, steps);
    const totals = mapCompared(counts, totalsOf);
    return {
      period: periodOf(period),
      figures: {
        attempts: figureOf(totals, 'attempts'),
        issuedOnline: figureOf(totals, 'issuedOnline'),
        storedOffline: figureOf(totals, 'storedOffline'),
        reissued: figureOf(totals, 'reissued'),
        alreadyIssued: figureOf(totals, 'alreadyIssued'),
        refused: figureOf(totals, 'refused'),
        deferred: figureOf(totals, 'deferred'),
        failed: figureOf(totals, 'failed'),
        notAuthenticated: figureOf(totals, 'notAuthenticated'),
        notTried: figureOf(totals, 'notTried'),
        offlineShare: offlineShare(totals),
        refusedAuthentications: await compare(period, (span) => countRefusedAuthentications(this.pool, asked, span)),
        unplaced: await compare(period, (span) => countUnplaced(this.pool, asked, span)),
      },
      series: seriesOf(counts.value, steps),
      causes: causesIn(counts),
      causeSeries: causeSeriesOf(counts.value, steps),
      durations: await readDurations(this.pool, asked, period),
    };
  }

  /** What failed, where and when. Warnings are the ledger's to tell. */
  async failures(query: ReportQuery, view: View): Promise<Omit<Failures, 'warnings'>> {
    const period = checkedPeriod(query.period);
    const asked = await this.#asked(query, view);
    const steps = stepsOf(period);
    const counts = await this.#counts(asked, period, steps);
    return {
      period: periodOf(period),
      causes: causesIn(counts),
      causeSeries: causeSeriesOf(counts.value, steps),
      steps: steps.map(({ fromMs }) => new Date(fromMs).toISOString()),
      topTerminals: await readTopTerminals(this.pool, asked, period),
      heatMap: await readHeatMap(this.pool, asked, period),
    };
  }

  /**
   * One page of attempts, newest first. Pages are checked to lie within `CONSOLE_LIMITS.pagedRowsMax`.
   * @param last the last row of the page before, if that is known: the page is as fast at the end of a long list as at its beginning
   */
  async entries(
    query: ReportQuery,
    rowFilter: AttemptRowFilter,
    { page, pageSize }: PageQuery,
    view: View,
    last?: AttemptRow,
  ): Promise<Page<AttemptRow>> {
    const limit = pageSize + 1;
    const part = last === undefined ? { limit, skip: (page - 1) * pageSize } : { limit, after: cursorOf(last) };
    const asked = await this.#asked(query, view);
    const rows = await listAttempts(this.pool, asked, rowFilter, checkedPeriod(query.period), part);
    return { items: rows.slice(0, pageSize), page, pageSize, more: rows.length > pageSize, total: null };
  }

  async #asked({ filter }: ReportQuery, view: View): Promise<AttemptQuery> {
    const scope = await resolveScope(this.premises, view, filter);
    return { scope, door: filter.door ?? null, causes: causesOf(filter) };
  }

  async #counts(
    asked: AttemptQuery,
    period: CheckedPeriod,
    steps: readonly Span[],
  ): Promise<Compared<readonly StepCount[]>> {
    const { before, sameWeekday } = comparisonsOf(period);
    return {
      value: await countBySteps(this.pool, asked, steps),
      before: await countBySteps(this.pool, asked, [before]),
      sameWeekday: await countBySteps(this.pool, asked, [sameWeekday]),
    };
  }
}

async function compare(period: CheckedPeriod, count: (span: Span) => Promise<number>): Promise<Compared<number>> {
  const { value, before, sameWeekday } = comparisonsOf(period);
  return { value: await count(value), before: await count(before), sameWeekday: await count(sameWeekday) };
}
