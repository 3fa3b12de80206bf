import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { parseCode, type Problem, problem } from '@tax-control/protocol';
import { DISPUTE_DECISIONS, type DisputeDecision, type SettledDispute } from '@tax-control/protocol/console';
import type { Pool } from 'pg';
import { REPORTS_POOL } from '../../database/database.module.js';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { settleDispute } from '../../ledger/disputes.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import { AuditTrail } from '../../audit-trail/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { One } from '../query/rules.js';
import { CODE_RULE, oneOf, REASON_RULE } from '../query/text-rules.js';
import { describedAct } from '../registry/describe-registry.js';

/** Decides the dispute of two codes: that of the receipt, and that on file. */
export class SettlementBody {
  @One(CODE_RULE) readonly code: string = '';
  @One(CODE_RULE) readonly codeOnFile: string = '';
  @One(oneOf(DISPUTE_DECISIONS)) readonly stands: DisputeDecision = 'on_file';
  @One(REASON_RULE) readonly reason: string = '';
}

@Listener('public')
@Controller('v1/console/disputes')
@Official()
export class DisputesController {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly trail: AuditTrail,
  ) {}

  @Post('settlements')
  @HttpCode(200)
  @Official('operator')
  @Describe(
    describedAct(
      'Decide the dispute of two codes, with a reason; both receipts stay kept',
      ['code', 'codeOnFile', 'stands', 'reason'],
      { type: 'SettledDispute', members: ['result', 'dispute'], status: 200 },
      ['code_mistyped', 'not_on_file'],
    ),
  )
  async settle(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) { code: typed, codeOnFile: typedOnFile, stands, reason }: SettlementBody,
  ): Promise<SettledDispute | Problem> {
    const code = parseCode(typed)?.code;
    const codeOnFile = parseCode(typedOnFile)?.code;
    if (code === undefined || codeOnFile === undefined) return problem('code_mistyped');
    const { visiblePremises, name: settledBy } = official;
    const settled = await settleDispute(this.pool, {
      code,
      codeOnFile,
      stands,
      reason,
      settledBy,
      premisesIds: visiblePremises === 'all' ? null : visiblePremises,
      record: (client, { terminalId: subject }) =>
        this.trail.record(
          official,
          { action: 'dispute.settled', subject, reason, facts: { code, codeOnFile, stands } },
          client,
        ),
    });
    return settled ?? problem('not_on_file');
  }
}
