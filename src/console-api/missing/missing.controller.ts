import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  type StreamableFile,
} from '@nestjs/common';
import type { Problem } from '@tax-control/protocol';
import {
  MISSING_KINDS,
  type Missing,
  type MissingCounts,
  type Page,
  type SeasonalClosing,
  type TerminalExcuse,
} from '@tax-control/protocol/console';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { CONSOLE_TAG, describedTable, headingsOf, rowSchema, SIGNED_IN } from '../describe-answers.js';
import { PageParameters } from '../query/page-parameters.js';
import { Queried } from '../query/queried.js';
import { FilterParameters } from '../query/report-parameters.js';
import { describedAct } from '../registry/describe-registry.js';
import { ClosingBody } from './closing-body.js';
import { MissingParameters } from './missing-parameters.js';
import { CLOSING_COLUMNS, EXCUSE_COLUMNS, MISSING_ROW_COLUMNS, MissingReports } from './missing-reports.js';

const CLOSING = { type: 'SeasonalClosing', members: headingsOf(CLOSING_COLUMNS) };

@Listener('public')
@Controller('v1/console')
@Official()
export class MissingController {
  constructor(private readonly reports: MissingReports) {}

  @Get('missing')
  @Describe(describedTable('List what is missing, of one kind', 'Missing', headingsOf(MISSING_ROW_COLUMNS)))
  list(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: MissingParameters,
  ): Promise<Page<Missing> | StreamableFile> {
    return this.reports.list(official, query);
  }

  @Get('missing/counts')
  @Describe({
    tag: CONSOLE_TAG,
    summary: 'How much is missing of each kind',
    answer: { schema: rowSchema('MissingCounts', MISSING_KINDS) },
    problems: [...SIGNED_IN, 'invalid_request'],
  })
  count(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: FilterParameters,
  ): Promise<MissingCounts> {
    return this.reports.counts(official, query);
  }

  @Get('excuses')
  @Describe(
    describedTable(
      'List terminals that nobody waits for since the last restore',
      'TerminalExcuse',
      headingsOf(EXCUSE_COLUMNS),
    ),
  )
  listExcuses(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: PageParameters,
  ): Promise<Page<TerminalExcuse> | StreamableFile> {
    return this.reports.listExcuses(official, query);
  }

  @Get('closings')
  @Describe(describedTable('List seasonal closings', CLOSING.type, CLOSING.members))
  listClosings(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: PageParameters,
  ): Promise<Page<SeasonalClosing> | StreamableFile> {
    return this.reports.listClosings(official, query);
  }

  @Post('closings')
  @Official('operator')
  @Describe(
    describedAct('Declare a seasonal closing', ['premisesId', 'start', 'end', 'reason'], CLOSING, [
      'period_backwards',
      'not_on_file',
    ]),
  )
  declareClosing(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) { premisesId, start, end, reason }: ClosingBody,
  ): Promise<SeasonalClosing | Problem> {
    return this.reports.declare(official, { premisesId, start, end, reason });
  }

  @Post('closings/:closingId/withdrawal')
  @HttpCode(200)
  @Official('operator')
  @Describe(describedAct('Withdraw a seasonal closing', [], { ...CLOSING, status: 200 }, ['not_on_file']))
  withdrawClosing(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('closingId', ParseUUIDPipe) closingId: string,
  ): Promise<SeasonalClosing | Problem> {
    return this.reports.withdraw(official, closingId);
  }
}
