import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import {
  ATTEMPT_ID_HEADER,
  CODE_PATTERN,
  type IssueAnswer,
  type IssueRequest,
  LIMITS,
  type Problem,
} from '@tax-control/protocol';
import { IsBoolean, IsOptional, IsString, Matches } from 'class-validator';
import { CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Describe } from '../http/documentation/describe.js';
import { Envelope } from '../http/envelope.js';
import { Listener } from '../http/listener.js';
import { attemptIdOf } from '../http/attempt-id.js';
import { BodyLimit } from '../http/route-options.js';
import { ISSUE_DESCRIPTION } from './issue-description.js';
import { IssueDoor } from './issue-door.js';

export class IssueEnvelope implements IssueRequest {
  /** Compact JWS of the invoice. */
  @IsString()
  readonly invoice!: string;

  /** The till had stopped before the answer came, and sends the invoice again after its start. */
  @IsOptional()
  @IsBoolean()
  readonly resumed?: boolean;

  /** The highest code of the receipts that the terminal holds. */
  @IsOptional()
  @Matches(new RegExp(CODE_PATTERN))
  readonly newestCode?: string;
}

@Listener('terminals')
@Controller('v1/invoices')
export class IssueController {
  constructor(private readonly door: IssueDoor) {}

  @Post()
  @HttpCode(200)
  @BodyLimit(LIMITS.requestBytesMax)
  @Describe(ISSUE_DESCRIPTION)
  issue(
    @CallingTerminal() terminal: TerminalIdentity,
    @Body(Envelope) { invoice, resumed, newestCode }: IssueEnvelope,
    @Headers(ATTEMPT_ID_HEADER) attemptId: string | undefined,
  ): Promise<IssueAnswer | Problem> {
    return this.door.issue(invoice, terminal.record, attemptIdOf(attemptId), resumed, newestCode);
  }
}
