import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { parseCode, type Problem, problem } from '@tax-control/protocol';
import { DISPUTE_DECISIONS, type DisputeDecision, type SettledDispute } from '@tax-control/protocol/console';
import { DisputeActs } from '../../administration/disputes.js';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
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
  constructor(private readonly acts: DisputeActs) {}

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
    return this.acts.settle(official, { code, codeOnFile }, { stands, reason });
  }
}
