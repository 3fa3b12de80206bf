import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import {
  type Filter,
  type Missing as MissingItem,
  MISSING_KINDS,
  type MissingCounts,
  type MissingKind,
  type Page,
  type PageQuery,
} from '@tax-control/protocol/console';
import { Clock } from '@tax-control/protocol';
import { REPORTS_POOL } from '../../database/database.module.js';
import { readNewestVersion } from '../../registry/parameters-store.js';
import { TillSettings } from '../../registry/till-settings.js';
import type { View } from '../statistics/scope.js';
import type { Finding, FindingContext } from './finding.js';
import { BROKEN_CHAINS, FORKS, GAPS, UNKNOWN_TAILS } from './journal-findings.js';
import { DISPUTED_CODES, KNOWN_BY_RECEIPT, UNHEARD_SINCE_RESTORE } from './restoration-findings.js';
import { findSilentTerminals, readLastSigns } from './silent-terminals.js';
import { EXPIRING_CERTIFICATES, OLD_BACKLOGS, WRONG_CLOCKS } from './terminal-findings.js';
import { viewValues } from './terminals-in-view.js';

/** Rows of one kind on one terminal's page. */
const OF_TERMINAL_MAX = 100;

type Rows = { readonly items: readonly MissingItem[]; readonly total: number };

/** What should be there and is not (docs/incidents.md, "What is missing"). */
@Injectable()
export class Missing {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  /** One kind, as it is now. */
  async list(kind: MissingKind, filter: Filter, page: PageQuery, view: View): Promise<Page<MissingItem>> {
    const { items, total } = await this.#rows(kind, filter, page, view);
    return { items, ...page, more: page.page * page.pageSize < total, total };
  }

  /** How many of each kind there are. */
  async counts(filter: Filter, view: View): Promise<MissingCounts> {
    const one = { page: 1, pageSize: 1 };
    const totals = await Promise.all(
      MISSING_KINDS.map(async (kind) => [kind, (await this.#rows(kind, filter, one, view)).total] as const),
    );
    return Object.fromEntries(totals) as Record<MissingKind, number>;
  }

  /** All that is missing of one terminal, in the order of the kinds. Who may see it is the caller's to know. */
  async ofTerminal(terminalId: string): Promise<readonly MissingItem[]> {
    const page = { page: 1, pageSize: OF_TERMINAL_MAX };
    const found = await Promise.all(
      MISSING_KINDS.map((kind) => this.#rows(kind, { terminalIds: [terminalId] }, page, 'all')),
    );
    return found.flatMap(({ items }) => items);
  }

  /** When anything last arrived of terminals, an invoice or entries; none of whom nothing did. Whom to ask for is the caller's to know. */
  lastSigns(terminalIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    return readLastSigns(this.pool, terminalIds);
  }

  async #rows(kind: MissingKind, filter: Filter, page: PageQuery, view: View): Promise<Rows> {
    const context = { now: this.clock.now(), limitHours: await this.#limitHours() };
    const query = <Row extends object, Item extends MissingItem>(finding: Finding<Row, Item>): Promise<Rows> =>
      this.#query(finding, context, filter, page, view);
    const queries: Readonly<Record<MissingKind, () => Promise<Rows>>> = {
      gap: () => query(GAPS),
      fork: () => query(FORKS),
      unknown_tail: () => query(UNKNOWN_TAILS),
      broken_chain: () => query(BROKEN_CHAINS),
      old_backlog: () => query(OLD_BACKLOGS),
      silent_terminal: async () => slice(await findSilentTerminals(this.pool, filter, view, context.now), page),
      certificate_expiring: () => query(EXPIRING_CERTIFICATES),
      clock_wrong: () => query(WRONG_CLOCKS),
      unheard_since_restore: () => query(UNHEARD_SINCE_RESTORE),
      disputed_code: () => query(DISPUTED_CODES),
      known_by_receipt: () => query(KNOWN_BY_RECEIPT),
    };
    return queries[kind]();
  }

  async #query<Row extends object, Item extends MissingItem>(
    { sql, values, toItem }: Finding<Row, Item>,
    context: FindingContext,
    filter: Filter,
    { page, pageSize }: PageQuery,
    view: View,
  ): Promise<Rows> {
    const parameters = [...viewValues(view, filter), ...(values?.(context) ?? [])];
    const counted = await this.pool.query<{ total: number }>(
      `SELECT count(*)::integer AS total FROM (${sql}) AS found`,
      parameters,
    );
    const total = counted.rows[0]?.total ?? 0;
    const offset = (page - 1) * pageSize;
    if (total <= offset) return { items: [], total };
    const { rows } = await this.pool.query<Row>(`${sql} LIMIT ${pageSize} OFFSET ${offset}`, parameters);
    return { items: rows.map((row) => toItem(row, context)), total };
  }

  /** How long an invoice may wait by the parameters in force; before the first are published, by default. */
  async #limitHours(): Promise<number> {
    const published = await readNewestVersion(this.pool);
    return (published?.settings ?? new TillSettings()).offlineHoursMax;
  }
}

function slice(items: readonly MissingItem[], { page, pageSize }: PageQuery): Rows {
  return { items: items.slice((page - 1) * pageSize, page * pageSize), total: items.length };
}
