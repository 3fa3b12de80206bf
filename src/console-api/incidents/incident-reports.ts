import { Injectable, type StreamableFile } from '@nestjs/common';
import { type Problem, problem } from '@tax-control/protocol';
import type { Incident, IncidentPage, Page, PlannedOutage, PlannedOutageDraft } from '@tax-control/protocol/console';
import { Acts } from '../../administration/act.js';
import { Incidents } from '../../log-analytics/incidents/incidents.js';
import { PlannedOutages } from '../../log-analytics/incidents/planned-outages.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { columns, table } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import { pageOfAll } from '../page-of.js';
import type { PageParameters } from '../query/page-parameters.js';
import type { ReportParameters } from '../query/report-parameters.js';
import type { TableParameters } from '../query/table-parameters.js';

const valueInWords = ({ value }: Incident): string =>
  value.map(({ currency, total }) => `${currency} ${total}`).join(', ');
const terminalsInWords = ({ terminalIds }: Incident): string => terminalIds.join(' ');

export const INCIDENT_COLUMNS = columns<Incident>(
  'incidentId',
  'kind',
  'subject',
  'subjectName',
  'cause',
  'start',
  'end',
  'lastFailure',
  'terminals',
  ['terminalIds', terminalsInWords],
  'failures',
  'invoicesStored',
  ['value', valueInWords],
  'drainedAt',
  'drainMs',
  'plannedOutageId',
);

type IncidentTerminal = IncidentPage['allTerminals'][number];

export const INCIDENT_TABLES = [
  table<IncidentPage, IncidentTerminal>(
    'terminals',
    ({ allTerminals }) => allTerminals,
    columns<IncidentTerminal>(
      'terminalId',
      'premisesId',
      'premisesName',
      'region',
      'start',
      'end',
      'failures',
      'invoicesStored',
    ),
  ),
];

export const OUTAGE_COLUMNS = columns<PlannedOutage>(
  'plannedOutageId',
  'start',
  'end',
  'scope',
  'scopeId',
  'reason',
  'declaredBy',
  'declaredAt',
  'withdrawnAt',
);

/** Incidents, and the outages that were planned, as the console shows and declares them. */
@Injectable()
export class IncidentReports {
  constructor(
    private readonly incidents: Incidents,
    private readonly outages: PlannedOutages,
    private readonly exports: TableExports,
    private readonly acts: Acts,
  ) {}

  list(official: SignedInOfficial, query: ReportParameters): Promise<Page<Incident> | StreamableFile> {
    return this.exports.pages(official, 'incidents', query, INCIDENT_COLUMNS, (page) =>
      this.incidents.list(query.report(), page, official.visiblePremises),
    );
  }

  async read(
    official: SignedInOfficial,
    incidentId: string,
    query: TableParameters,
  ): Promise<IncidentPage | StreamableFile | Problem> {
    const incident = await this.incidents.page(incidentId, official.visiblePremises);
    if (incident === null) return problem('not_on_file');
    return this.exports.report(official, 'incident', query, INCIDENT_TABLES, () => Promise.resolve(incident));
  }

  listOutages(official: SignedInOfficial, query: PageParameters): Promise<Page<PlannedOutage> | StreamableFile> {
    return this.exports.pages(official, 'planned-outages', query, OUTAGE_COLUMNS, async (page) =>
      pageOfAll(await this.outages.list(official.visiblePremises), page),
    );
  }

  async declare(official: SignedInOfficial, draft: PlannedOutageDraft): Promise<PlannedOutage | Problem> {
    if (Date.parse(draft.end) <= Date.parse(draft.start)) return problem('period_backwards');
    const { start, end, scope, scopeId, reason } = draft;
    const facts = { start, end, scope, scopeId };
    return this.acts.perform(official, async (sql) => {
      const result = await this.outages.declare(draft, official.name, official.visiblePremises, sql);
      if (result === null) return problem('not_on_file');
      return { result, trail: [{ action: 'planned_outage.declared', subject: result.plannedOutageId, reason, facts }] };
    });
  }

  /** Repeating it changes nothing and succeeds. @returns not_on_file or view_too_narrow */
  withdraw(official: SignedInOfficial, plannedOutageId: string): Promise<PlannedOutage | Problem> {
    return this.acts.perform<PlannedOutage>(official, async (sql) => {
      const withdrawn = await this.outages.withdraw(plannedOutageId, official.name, official.visiblePremises, sql);
      if (withdrawn === 'unknown') return problem('not_on_file');
      if (withdrawn === 'too_narrow') return problem('view_too_narrow');
      const { outage: result, isChanged } = withdrawn;
      const subject = plannedOutageId;
      return { result, trail: isChanged ? [{ action: 'planned_outage.withdrawn', subject, facts: {} }] : [] };
    });
  }
}
