import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import { type Problem, problem } from '@tax-control/protocol';
import type {
  Missing as MissingRow,
  MissingCounts,
  Page,
  SeasonalClosing,
  SeasonalClosingDraft,
  TerminalExcuse,
} from '@tax-control/protocol/console';
import { Acts } from '../../administration/act.js';
import type { Pool } from 'pg';
import { REPORTS_POOL } from '../../database/database.module.js';
import { listExcuses } from '../../ledger/excuses.js';
import { Closings } from '../../log-analytics/missing/closings.js';
import { Missing } from '../../log-analytics/missing/missing.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { columns } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import { pageOfAll } from '../page-of.js';
import type { PageParameters } from '../query/page-parameters.js';
import type { FilterParameters } from '../query/report-parameters.js';
import { missingDetails } from '../terminals/terminal-tables.js';
import type { MissingParameters } from './missing-parameters.js';

export const MISSING_ROW_COLUMNS = columns<MissingRow>(
  'kind',
  'terminalId',
  'premisesId',
  'premisesName',
  'region',
  'taxpayerId',
  'since',
  ['details', missingDetails],
);

export const CLOSING_COLUMNS = columns<SeasonalClosing>(
  'closingId',
  'premisesId',
  'start',
  'end',
  'reason',
  'declaredBy',
  'declaredAt',
  'withdrawnAt',
);

export const EXCUSE_COLUMNS = columns<TerminalExcuse>('terminalId', 'recoveredAt', 'excusedBy', 'reason', 'excusedAt');

/** What should be there and is not, and the closings that explain silence. */
@Injectable()
export class MissingReports {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly missing: Missing,
    private readonly closings: Closings,
    private readonly exports: TableExports,
    private readonly acts: Acts,
  ) {}

  list(official: SignedInOfficial, query: MissingParameters): Promise<Page<MissingRow> | StreamableFile> {
    return this.exports.pages(official, `missing-${query.kind}`, query, MISSING_ROW_COLUMNS, (page) =>
      this.missing.list(query.kind, query.filter(), page, official.visiblePremises),
    );
  }

  counts(official: SignedInOfficial, query: FilterParameters): Promise<MissingCounts> {
    return this.missing.counts(query.filter(), official.visiblePremises);
  }

  /** Terminals that nobody waits for since the last restore: as many as operators typed. */
  listExcuses(official: SignedInOfficial, query: PageParameters): Promise<Page<TerminalExcuse> | StreamableFile> {
    const { visiblePremises } = official;
    const premisesIds = visiblePremises === 'all' ? null : visiblePremises;
    return this.exports.pages(official, 'excuses', query, EXCUSE_COLUMNS, async (page) =>
      pageOfAll(await listExcuses(this.pool, { terminalId: null, premisesIds }), page),
    );
  }

  listClosings(official: SignedInOfficial, query: PageParameters): Promise<Page<SeasonalClosing> | StreamableFile> {
    return this.exports.pages(official, 'closings', query, CLOSING_COLUMNS, async (page) =>
      pageOfAll(await this.closings.list(official.visiblePremises), page),
    );
  }

  async declare(official: SignedInOfficial, draft: SeasonalClosingDraft): Promise<SeasonalClosing | Problem> {
    const { premisesId, start, end, reason } = draft;
    if (Date.parse(end) <= Date.parse(start)) return problem('period_backwards');
    return this.acts.perform(official, async (sql) => {
      const result = await this.closings.declare(draft, official.name, official.visiblePremises, sql);
      if (result === null) return problem('not_on_file');
      const facts = { closingId: result.closingId, start, end };
      return { result, trail: [{ action: 'closing.declared', subject: premisesId, reason, facts }] };
    });
  }

  /** Repeating it changes nothing and succeeds. @returns not_on_file */
  withdraw(official: SignedInOfficial, closingId: string): Promise<SeasonalClosing | Problem> {
    return this.acts.perform<SeasonalClosing>(official, async (sql) => {
      const withdrawn = await this.closings.withdraw(closingId, official.name, official.visiblePremises, sql);
      if (withdrawn === null) return problem('not_on_file');
      const { closing: result, isChanged } = withdrawn;
      const { premisesId: subject } = result;
      return { result, trail: isChanged ? [{ action: 'closing.withdrawn', subject, facts: { closingId } }] : [] };
    });
  }
}
