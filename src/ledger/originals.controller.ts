import { Controller, Get, Param } from '@nestjs/common';
import { type OriginalAnswer, originalAnswerSchema, type Problem, type ProblemCode } from '@tax-control/protocol';
import { Admit, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Describe } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { OriginalLookup } from './original-lookup.js';

const DESCRIPTION =
  'A refund or void carries the rates of its original; a till that has not written the original asks for them. Answered are ' +
  'invoices of the caller’s own taxpayer; any other is `invoice_unknown`, whether it is on file or not. Suspended terminals and ' +
  'expired certificates are admitted.';

const PROBLEMS: readonly ProblemCode[] = [
  'server_busy',
  'certificate_missing',
  'terminal_unknown',
  'certificate_revoked',
  'terminal_revoked',
  'certificate_expired_long_ago',
  'invoice_unknown',
];

/** What a till needs of an invoice that it takes back and that another till of its taxpayer wrote. */
@Listener('terminals')
@Controller('v1/originals')
@Admit('terminal_suspended', 'certificate_expired')
export class OriginalsController {
  constructor(private readonly lookup: OriginalLookup) {}

  @Get(':code')
  @Describe({
    tag: 'Invoices',
    summary: 'Ask for the rates of an original by its code',
    description: DESCRIPTION,
    answer: { schema: originalAnswerSchema },
    problems: PROBLEMS,
  })
  byCode(
    @CallingTerminal() { taxpayerId }: TerminalIdentity,
    @Param('code') code: string,
  ): Promise<OriginalAnswer | Problem> {
    return this.lookup.byCode(taxpayerId, code);
  }

  @Get(':terminalId/:invoiceId')
  @Describe({
    tag: 'Invoices',
    summary: 'Ask for the rates of an original by its terminal and id',
    description: DESCRIPTION,
    answer: { schema: originalAnswerSchema },
    problems: PROBLEMS,
  })
  byIdentity(
    @CallingTerminal() { taxpayerId }: TerminalIdentity,
    @Param('terminalId') terminalId: string,
    @Param('invoiceId') invoiceId: string,
  ): Promise<OriginalAnswer | Problem> {
    return this.lookup.byIdentity(taxpayerId, terminalId, invoiceId);
  }
}
