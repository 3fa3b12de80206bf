import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Query, type StreamableFile } from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import type { HandedIn, HandedInvoice, HandedJournal, Page } from '@tax-control/protocol/console';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { BodyLimit } from '../../http/route-options.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { CONSOLE_TAG, describedTable, headingsOf, REPORT_PROBLEMS, rowSchema, SIGNED_IN } from '../describe-answers.js';
import { PageParameters } from '../query/page-parameters.js';
import { Queried } from '../query/queried.js';
import { describedAct } from '../registry/describe-registry.js';
import { HandedJournals, JOURNAL_COLUMNS } from './handed-journals.js';
import { HandedInvoiceParameters, HandInBody, UPLOAD_BODY_BYTES_MAX, UploadPartBody } from './journal-bodies.js';

const JOURNAL_MEMBERS = [
  'handedId',
  'terminalId',
  'digest',
  'isCheck',
  'handedBy',
  'reason',
  'handedAt',
  'invoices',
  'findings',
  'findingsCount',
  'state',
  'refusedBecause',
  'dueAt',
  'endedAt',
  'results',
];
const INVOICE_MEMBERS = ['line', 'invoiceId', 'journalId', 'counter', 'result', 'code', 'warnings', 'problem'];

@Listener('public')
@Controller('v1/console/journals')
@Official()
export class JournalsController {
  constructor(private readonly journals: HandedJournals) {}

  @Get()
  @Describe(describedTable('List journals that were handed in', 'HandedJournal', headingsOf(JOURNAL_COLUMNS)))
  list(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: PageParameters,
  ): Promise<Page<HandedJournal> | StreamableFile> {
    return this.journals.list(official, query);
  }

  @Post('uploads')
  @HttpCode(200)
  @Official('operator')
  @BodyLimit(UPLOAD_BODY_BYTES_MAX)
  @Describe(
    describedAct('Send a part of an exported journal, in base64', ['uploadId', 'part', 'bytes'], {
      type: 'UploadedPart',
      members: ['part'],
      status: 200,
    }),
  )
  upload(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) part: UploadPartBody,
  ): Promise<{ part: number }> {
    return this.journals.keepPart(official, part);
  }

  @Post()
  @Official('operator')
  @Describe(
    describedAct(
      'Hand in an exported journal whose parts have come; the servers take it in',
      ['uploadId', 'parts', 'reason'],
      { type: 'HandedIn', members: ['result', 'journal'] },
      ['not_on_file', 'journal_not_an_export', 'journal_not_whole', 'journal_of_unknown_terminal', 'server_busy'],
      ['isCheck', 'takesBroken'],
    ),
  )
  handIn(@CurrentOfficial() official: SignedInOfficial, @Body(Envelope) body: HandInBody): Promise<HandedIn | Problem> {
    return this.journals.handIn(official, body);
  }

  @Get(':handedId')
  @Describe({
    tag: CONSOLE_TAG,
    summary: 'What became of a journal',
    answer: { schema: rowSchema('HandedJournal', JOURNAL_MEMBERS) },
    problems: [...SIGNED_IN, 'not_on_file'],
  })
  read(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('handedId', ParseIntPipe) handedId: number,
  ): Promise<HandedJournal | Problem> {
    return this.journals.read(official, handedId);
  }

  @Get(':handedId/invoices')
  @Describe(
    describedTable('List what became of the invoices of a journal', 'HandedInvoice', INVOICE_MEMBERS, [
      ...REPORT_PROBLEMS,
      'not_on_file',
    ]),
  )
  listInvoices(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('handedId', ParseIntPipe) handedId: number,
    @Query(Queried) query: HandedInvoiceParameters,
  ): Promise<Page<HandedInvoice> | StreamableFile | Problem> {
    return this.journals.listInvoices(official, handedId, query);
  }
}
