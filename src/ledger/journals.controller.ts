import { Controller, Get, Param, Query } from '@nestjs/common';
import { type JournalAnswer, journalAnswerSchema, type Problem } from '@tax-control/protocol';
import { Admit, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Describe } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { JournalLookup } from './journal-lookup.js';

/** What a till gets back whose disk has lost its journal. */
@Listener('terminals')
@Controller('v1/journals')
@Admit('terminal_suspended', 'certificate_expired')
export class JournalsController {
  constructor(private readonly lookup: JournalLookup) {}

  @Get(':journalId/invoices')
  @Describe({
    tag: 'Invoices',
    summary: 'Fetch back what is on file of an own journal',
    description:
      'For a till whose disk has lost invoices: signed bytes and receipts, the same as at first, page by page in the order of the counters. ' +
      'Refused invoices are among them with their problem. Of content that is no longer kept `invoice` is null. A journal that the caller ' +
      'never had is empty. Suspended terminals and expired certificates are admitted.',
    query: { after: 'The counter behind which to begin (0 where left out), or `next` of the page before.' },
    answer: { schema: journalAnswerSchema },
    problems: [
      'malformed_request',
      'server_busy',
      'certificate_missing',
      'terminal_unknown',
      'certificate_revoked',
      'terminal_revoked',
      'certificate_expired_long_ago',
    ],
  })
  page(
    @CallingTerminal() { terminalId }: TerminalIdentity,
    @Param('journalId') journalId: string,
    @Query('after') after: unknown,
  ): Promise<JournalAnswer | Problem> {
    return this.lookup.page(terminalId, journalId, typeof after === 'string' ? after : after === undefined ? '0' : '');
  }
}
