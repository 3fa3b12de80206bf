import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { AuditTrailPage } from '@tax-control/protocol/console';
import { Describe } from '../../http/documentation/describe.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import { AuditTrailReading } from '../../audit-trail/audit-trail-reading.js';
import { readTrailQuery, TRAIL_MEMBERS } from '../../audit-trail/read-trail-query.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { TableExports } from '../csv/table-exports.js';
import { AUDIT_TRAIL_PAGE, TRAIL_COLUMNS } from './trail-tables.js';

@Official('supervisor')
@Listener('public')
@Controller('v1/console/audit-trail')
export class AuditTrailController {
  constructor(
    private readonly reading: AuditTrailReading,
    private readonly exports: TableExports,
  ) {}

  @Get()
  @Describe({
    tag: 'Console: officials',
    summary: 'Who did what, newest first',
    description: 'With `format=csv` all rows (at most 100,000) as CSV.',
    query: TRAIL_MEMBERS,
    answer: { schema: AUDIT_TRAIL_PAGE },
    problems: ['sign_in_required', 'role_missing', 'invalid_request', 'export_running', 'server_busy'],
  })
  async read(
    @CurrentOfficial() supervisor: SignedInOfficial,
    @Query() query: Record<string, unknown>,
  ): Promise<AuditTrailPage | Problem | StreamableFile> {
    const wanted = readTrailQuery(query);
    if ('code' in wanted) return wanted;
    const { format = 'json', ...rows } = wanted;
    if (format === 'json') return this.reading.read(supervisor, rows);
    return this.exports.rows(supervisor, 'audit-trail', rows, TRAIL_COLUMNS, this.reading.all(rows));
  }
}
