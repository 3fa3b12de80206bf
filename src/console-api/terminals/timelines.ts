import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import type { AttemptRow, Page, PageQuery, TimelineItem } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import { listInvitations } from '../../enrolment/invitations.js';
import { listRefused } from '../../ledger/refused-rows.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { listCertificates } from '../../registry/certificates.js';
import { findPlacedTerminal, type PlacedTerminal } from '../../registry/terminal-list.js';
import { columns } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import type { ReportParameters } from '../query/report-parameters.js';
import { TerminalSources } from './terminal-sources.js';

/** Refused invoices of one page of attempts: a till that is refused more often than this is a case for the list of them. */
const REFUSED_SHOWN_MAX = 500;

const detailsOf = ({ at: _at, kind: _kind, ...details }: TimelineItem): string => JSON.stringify(details);
const COLUMNS = columns<TimelineItem>('at', 'kind', ['details', detailsOf]);

interface Stretch {
  readonly from: string;
  readonly to: string;
}

/** What happened at one terminal, newest first: its attempts page by page, and between them what was done to it. */
@Injectable()
export class Timelines {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly sources: TerminalSources,
    private readonly exports: TableExports,
  ) {}

  async timeline(
    official: SignedInOfficial,
    terminalId: string,
    query: ReportParameters,
  ): Promise<Page<TimelineItem> | StreamableFile | Problem> {
    const terminal = await findPlacedTerminal(this.pool, official.visiblePremises, terminalId);
    if (terminal === null) return problem('not_on_file');
    const { from, to } = query.period();
    // It goes on from the last attempt: the last row may be something else.
    let last: AttemptRow | undefined;
    return this.exports.pages(official, 'timeline', query, COLUMNS, async (page) => {
      const attemptsOf = (one: PageQuery): Promise<Page<AttemptRow>> =>
        this.sources.attemptsOfTerminal({ terminalId, from, to }, one, official.visiblePremises, last);
      const attempts = await attemptsOf(page);
      last = attempts.items.at(-1);
      const next = attempts.more ? (await attemptsOf({ page: 1, pageSize: 1 })).items[0] : undefined;
      const events = await this.#events(terminal, stretchOf(attempts, next, { from, to }, page));
      const items = [...attempts.items.map(attemptItem), ...events];
      return { ...attempts, total: null, items: items.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)) };
    });
  }

  async #events(terminal: PlacedTerminal, stretch: Stretch): Promise<TimelineItem[]> {
    const { terminalId } = terminal;
    const refused = await listRefused(
      this.pool,
      { terminalIds: [terminalId], ...stretch },
      { offset: 0, limit: REFUSED_SHOWN_MAX },
    );
    const certificates = await listCertificates(this.pool, terminalId);
    const invitations = await listInvitations(this.pool, terminalId);
    const events: (TimelineItem | null)[] = [
      { kind: 'registered', at: iso(terminal.registeredAt), premisesId: terminal.premisesId },
      terminal.statusChangedAt.getTime() === terminal.registeredAt.getTime()
        ? null
        : { kind: 'status', at: iso(terminal.statusChangedAt), status: terminal.status, reason: terminal.statusReason },
      ...refused.map(({ refusedAt, invoiceId, cause }): TimelineItem => ({
        kind: 'refused_invoice',
        at: iso(refusedAt),
        invoiceId,
        cause,
      })),
      ...certificates.map(({ issuedAt, thumbprint, notAfter, way }): TimelineItem => ({
        kind: 'certificate_issued',
        at: iso(issuedAt),
        thumbprint,
        notAfter: iso(notAfter),
        way,
      })),
      ...certificates.map(({ revokedAt, thumbprint, revocationReason }): TimelineItem | null =>
        revokedAt === null
          ? null
          : { kind: 'certificate_revoked', at: iso(revokedAt), thumbprint, reason: revocationReason },
      ),
      ...invitations.map(({ createdAt, expiresAt }): TimelineItem => ({
        kind: 'invitation',
        at: iso(createdAt),
        expiresAt: iso(expiresAt),
      })),
    ];
    const [fromMs, toMs] = [Date.parse(stretch.from), Date.parse(stretch.to)];
    return events.filter(
      (event): event is TimelineItem => event !== null && Date.parse(event.at) >= fromMs && Date.parse(event.at) < toMs,
    );
  }
}

/**
 * The part of the period that a page of attempts covers, down to the first attempt of the next page: all that happened is
 * on one page, and on no other.
 */
function stretchOf(
  { items: [newest] }: Page<AttemptRow>,
  next: AttemptRow | undefined,
  period: Stretch,
  { page }: PageQuery,
): Stretch {
  return {
    from: next?.at ?? period.from,
    to: page > 1 && newest !== undefined ? newest.at : period.to,
  };
}

function attemptItem({ at, entryId, door, invoiceId, outcome, cause }: AttemptRow): TimelineItem {
  return { kind: 'attempt', at, entryId, door, invoiceId, outcome, cause };
}

function iso(time: Date): string {
  return time.toISOString();
}
