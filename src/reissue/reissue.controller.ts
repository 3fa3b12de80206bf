import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import {
  ATTEMPT_ID_HEADER,
  CODE_PATTERN,
  LIMITS,
  type Problem,
  type ReissueAnswer,
  type ReissueRequest,
} from '@tax-control/protocol';
import { IsArray, IsOptional, IsString, Matches } from 'class-validator';
import { Admit, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Describe } from '../http/documentation/describe.js';
import { Envelope } from '../http/envelope.js';
import { Listener } from '../http/listener.js';
import { attemptIdsOf } from '../http/attempt-id.js';
import { BodyLimit } from '../http/route-options.js';
import { REISSUE_DESCRIPTION } from './reissue-description.js';
import { LateDoor } from './late-door.js';

export class ReissueEnvelope implements ReissueRequest {
  /** Compact JWS of each invoice, oldest first. */
  @IsArray()
  @IsString({ each: true })
  readonly invoices!: readonly string[];

  /** The highest code of the receipts that the terminal holds. */
  @IsOptional()
  @Matches(new RegExp(CODE_PATTERN))
  readonly newestCode?: string;
}

@Listener('terminals')
@Controller('v1/reissues')
@Admit('terminal_suspended', 'certificate_expired')
export class ReissueController {
  constructor(private readonly door: LateDoor) {}

  @Post()
  @HttpCode(200)
  @BodyLimit(LIMITS.requestBytesMax)
  @Describe(REISSUE_DESCRIPTION)
  reissue(
    @CallingTerminal() terminal: TerminalIdentity,
    @Body(Envelope) { invoices, newestCode }: ReissueEnvelope,
    @Headers(ATTEMPT_ID_HEADER) attemptIds: string | undefined,
  ): Promise<ReissueAnswer | Problem> {
    return this.door.reissue(invoices, terminal.record, attemptIdsOf(attemptIds, invoices.length), newestCode);
  }
}
