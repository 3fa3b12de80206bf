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
import type { Incident, IncidentPage, Page, PlannedOutage } from '@tax-control/protocol/console';
import { Describe } from '../../http/documentation/describe.js';
import { Envelope } from '../../http/envelope.js';
import { Listener } from '../../http/listener.js';
import { CurrentOfficial, Official } from '../../officials/admit-official.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { describedReport, describedTable, headingsOf } from '../describe-answers.js';
import { PageParameters } from '../query/page-parameters.js';
import { Queried } from '../query/queried.js';
import { ReportParameters } from '../query/report-parameters.js';
import { TableParameters } from '../query/table-parameters.js';
import { describedAct } from '../registry/describe-registry.js';
import { INCIDENT_COLUMNS, INCIDENT_TABLES, IncidentReports, OUTAGE_COLUMNS } from './incident-reports.js';
import { draftOf, OutageBody } from './outage-body.js';

const OUTAGE = { type: 'PlannedOutage', members: headingsOf(OUTAGE_COLUMNS) };

@Listener('public')
@Controller('v1/console')
@Official()
export class IncidentsController {
  constructor(private readonly reports: IncidentReports) {}

  @Get('incidents')
  @Describe(describedTable('List incidents of a period', 'Incident', headingsOf(INCIDENT_COLUMNS)))
  listIncidents(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: ReportParameters,
  ): Promise<Page<Incident> | StreamableFile> {
    return this.reports.list(official, query);
  }

  @Get('incidents/:incidentId')
  @Describe(describedReport('One incident', 'IncidentPage', headingsOf(INCIDENT_COLUMNS), INCIDENT_TABLES))
  readIncident(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('incidentId') incidentId: string,
    @Query(Queried) query: TableParameters,
  ): Promise<IncidentPage | StreamableFile | Problem> {
    return this.reports.read(official, incidentId, query);
  }

  @Get('planned-outages')
  @Describe(describedTable('List planned outages', OUTAGE.type, OUTAGE.members))
  listOutages(
    @CurrentOfficial() official: SignedInOfficial,
    @Query(Queried) query: PageParameters,
  ): Promise<Page<PlannedOutage> | StreamableFile> {
    return this.reports.listOutages(official, query);
  }

  @Post('planned-outages')
  @Official('operator')
  @Describe(
    describedAct('Declare a planned outage', ['start', 'end', 'scope', 'scopeId', 'reason'], OUTAGE, [
      'period_backwards',
      'not_on_file',
    ]),
  )
  declareOutage(
    @CurrentOfficial() official: SignedInOfficial,
    @Body(Envelope) body: OutageBody,
  ): Promise<PlannedOutage | Problem> {
    return this.reports.declare(official, draftOf(body));
  }

  @Post('planned-outages/:plannedOutageId/withdrawal')
  @HttpCode(200)
  @Official('operator')
  @Describe(
    describedAct('Withdraw a planned outage', [], { ...OUTAGE, status: 200 }, ['not_on_file', 'view_too_narrow']),
  )
  withdrawOutage(
    @CurrentOfficial() official: SignedInOfficial,
    @Param('plannedOutageId', ParseUUIDPipe) plannedOutageId: string,
  ): Promise<PlannedOutage | Problem> {
    return this.reports.withdraw(official, plannedOutageId);
  }
}
