import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Page, TerminalRow } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { listPlacedTerminals, type PlacedTerminal } from '../../registry/terminal-list.js';
import { columns } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import { pageOf, sliceOf } from '../page-of.js';
import type { TerminalParameters } from '../query/list-parameters.js';
import { TerminalSources } from './terminal-sources.js';

export const TERMINAL_COLUMNS = columns<TerminalRow>(
  'terminalId',
  'premisesId',
  'premisesName',
  'region',
  'taxpayerId',
  'taxpayerName',
  'status',
  'registeredAt',
  'lastSignAt',
  'certificateNotAfter',
  'pending',
);

/** The terminals that an official sees. */
@Injectable()
export class TerminalLists {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly sources: TerminalSources,
    private readonly exports: TableExports,
  ) {}

  list(official: SignedInOfficial, query: TerminalParameters): Promise<Page<TerminalRow> | StreamableFile> {
    const { regions = null, taxpayerIds = null, premisesIds = null, terminalIds = null } = query.filter();
    const { text = null, status = null } = query;
    const criteria = { text, status, regions, taxpayerIds, premisesIds, terminalIds };
    return this.exports.pages(official, 'terminals', query, TERMINAL_COLUMNS, async (page, last) => {
      const found = await listPlacedTerminals(
        this.pool,
        official.visiblePremises,
        criteria,
        sliceOf(page, last?.terminalId),
      );
      return pageOf(await this.rows(found), page);
    });
  }

  /** Terminals that may be seen, with what is known of them beside the registry. */
  async rows(terminals: readonly PlacedTerminal[]): Promise<TerminalRow[]> {
    const ids = terminals.map(({ terminalId }) => terminalId);
    const [signs, pending] = await Promise.all([this.sources.lastSigns(ids), this.sources.pending(ids)]);
    return terminals.map((terminal) => ({
      terminalId: terminal.terminalId,
      premisesId: terminal.premisesId,
      premisesName: terminal.premisesName,
      region: terminal.region,
      taxpayerId: terminal.taxpayerId,
      taxpayerName: terminal.taxpayerName,
      status: terminal.status,
      registeredAt: terminal.registeredAt.toISOString(),
      lastSignAt: signs.get(terminal.terminalId)?.toISOString() ?? null,
      certificateNotAfter: terminal.certificateNotAfter?.toISOString() ?? null,
      pending: pending.get(terminal.terminalId) ?? 0,
    }));
  }
}
