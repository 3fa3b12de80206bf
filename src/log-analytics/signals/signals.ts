import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import {
  type Filter,
  type Page,
  type PageQuery,
  type ReportQuery,
  type Signal,
  SIGNAL_RULES,
  type SignalMarkRequest,
  type SignalRule,
} from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import type { Sql } from '../../registry/sql.js';
import { Incidents } from '../incidents/incidents.js';
import type { View } from '../statistics/scope.js';
import { countAlone } from './count-alone.js';
import { type FoundSignal, judgeMonth, type TerminalMonth, type TillInMonth } from './judge-month.js';
import { judgeLookUps, readLookedUpInVain } from './judge-look-ups.js';
import { judgeNumbers, readNumbersUsedAgain } from './judge-numbers.js';
import { judgeRenewals, readUnusualRenewals } from './judge-renewals.js';
import { insertMark, readMarks, readMonths, type StoredMark } from './month-store.js';
import { monthEnd, monthsOf } from './months.js';

/** What is odd, as a reason to look: no signal is a verdict (docs/incidents.md, "Signals"). */
@Injectable()
export class Signals {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly incidents: Incidents,
  ) {}

  /**
   * Signals of the months that the period touches, the newest month first. Tills are compared with others that the official
   * may see, and with no other; the filter chooses among what was found.
   */
  async list({ period, filter }: ReportQuery, { page, pageSize }: PageQuery, view: View): Promise<Page<Signal>> {
    const { first, last } = monthsOf(Date.parse(period.from), Date.parse(period.to));
    const found = (await this.#find(first, last, view)).filter(({ month }) => isWanted(month, filter)).toSorted(order);
    const shown = found.slice((page - 1) * pageSize, page * pageSize);
    const marks = await readMarks(this.pool, shown.map(idOf));
    return {
      items: shown.map((signal) => toSignal(signal, marks.get(idOf(signal)) ?? null)),
      page,
      pageSize,
      more: page * pageSize < found.length,
      total: found.length,
    };
  }

  /**
   * A signal, to be marked; null: there is none within the view. Takes several sessions, so nobody may call it who holds one: with as many
   * officials as sessions, each would wait for the others.
   */
  async find(signalId: string, view: View): Promise<FoundSignal | null> {
    const named = readId(signalId);
    if (named === null) return null;
    return (await this.#find(named.month, named.month, view)).find((found) => idOf(found) === signalId) ?? null;
  }

  /** Appends what the official thinks of a signal; the newest word counts. */
  async mark(
    signal: FoundSignal,
    mark: SignalMarkRequest,
    officialName: string,
    sql: Sql = this.pool,
  ): Promise<Signal> {
    const signalId = idOf(signal);
    await insertMark(sql, signalId, mark, officialName);
    const marks = await readMarks(sql, [signalId]);
    return toSignal(signal, marks.get(signalId) ?? null);
  }

  async #find(firstMonth: string, lastMonth: string, view: View): Promise<FoundSignal[]> {
    const [counted, renewals, numbers, lookUps, { groups }] = await Promise.all([
      readMonths(this.pool, view, firstMonth, lastMonth),
      readUnusualRenewals(this.pool, view, firstMonth, lastMonth),
      readNumbersUsedAgain(this.pool, view, firstMonth, lastMonth),
      readLookedUpInVain(this.pool, view, firstMonth, lastMonth),
      this.incidents.groups(Date.parse(firstMonth), monthEnd(lastMonth), view),
    ]);
    const alone = countAlone(groups);
    const months = new Map<string, TerminalMonth[]>();
    for (const month of counted) {
      const times = alone.get(`${month.month} ${month.terminalId}`);
      const whole = { ...month, aloneTimes: times?.times ?? 0, aloneMinutes: times?.minutes ?? 0 };
      const tills = months.get(month.month);
      if (tills === undefined) months.set(month.month, [whole]);
      else tills.push(whole);
    }
    return [
      ...[...months.values()].flatMap(judgeMonth),
      ...judgeRenewals(renewals),
      ...judgeNumbers(numbers),
      ...judgeLookUps(lookUps),
    ];
  }
}

function order(one: FoundSignal, other: FoundSignal): number {
  if (one.month.month !== other.month.month) return one.month.month < other.month.month ? 1 : -1;
  const rules = SIGNAL_RULES.indexOf(one.rule) - SIGNAL_RULES.indexOf(other.rule);
  return rules || other.measured - one.measured || (one.month.terminalId < other.month.terminalId ? -1 : 1);
}

function isWanted(month: TillInMonth, { regions, taxpayerIds, premisesIds, terminalIds }: Filter): boolean {
  const fits = (values: readonly string[] | undefined, value: string): boolean =>
    values === undefined || values.includes(value);
  return (
    fits(regions, month.region) &&
    fits(taxpayerIds, month.taxpayerId) &&
    fits(premisesIds, month.premisesId) &&
    fits(terminalIds, month.terminalId)
  );
}

/** The same signal has the same id at every request: rule, month and terminal. */
function idOf({ rule, month }: FoundSignal): string {
  return `${rule}.${month.month.slice(0, 'yyyy-mm'.length)}.${month.terminalId}`;
}

function readId(signalId: string): { readonly rule: SignalRule; readonly month: string } | null {
  const [, rule, month] = /^([a-z_]+)\.(\d{4}-(?:0[1-9]|1[0-2]))\./.exec(signalId) ?? [];
  const known = SIGNAL_RULES.find((name) => name === rule);
  return known === undefined || month === undefined ? null : { rule: known, month: `${month}-01` };
}

function toSignal({ rule, month, measured, threshold, facts }: FoundSignal, mark: StoredMark | null): Signal {
  return {
    signalId: idOf({ rule, month, measured, threshold, facts }),
    rule,
    subject: 'terminal',
    subjectId: month.terminalId,
    premisesId: month.premisesId,
    premisesName: month.premisesName,
    region: month.region,
    taxpayerId: month.taxpayerId,
    from: new Date(month.month).toISOString(),
    to: new Date(monthEnd(month.month)).toISOString(),
    measured,
    threshold,
    facts,
    mark: mark?.mark ?? 'open',
    markedBy: mark?.markedBy ?? null,
    markedAt: mark?.markedAt.toISOString() ?? null,
    note: mark?.note ?? null,
  };
}
