import { Controller, Get, Query } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { AuditTrailPage } from '@tax-control/protocol/console';
import { Describe } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { CurrentOfficial, Official } from './admit-official.js';
import { AuditTrailReading } from './audit-trail-reading.js';
import { AUDIT_TRAIL_PAGE } from './descriptions.js';
import { readTrailQuery } from './read-trail-query.js';
import type { SignedInOfficial } from './signed-in-official.js';

@Official('supervisor')
@Listener('public')
@Controller('v1/console/audit-trail')
export class AuditTrailController {
  constructor(private readonly reading: AuditTrailReading) {}

  @Get()
  @Describe({
    tag: 'Console: officials',
    summary: 'Who did what, newest first',
    description:
      'Query: `official`, `action`, `subject`, `from` and `to` (RFC 3339, to exclusive), `pageSize`, and `before` with the `next` of the page before.',
    answer: { schema: AUDIT_TRAIL_PAGE },
    problems: ['sign_in_required', 'role_missing', 'invalid_request'],
  })
  async read(
    @CurrentOfficial() supervisor: SignedInOfficial,
    @Query() query: Record<string, unknown>,
  ): Promise<AuditTrailPage | Problem> {
    const wanted = readTrailQuery(query);
    return 'code' in wanted ? wanted : this.reading.read(supervisor, wanted);
  }
}
