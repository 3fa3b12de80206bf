import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Pool } from 'pg';
import { type Problem, problem } from '@tax-control/protocol';
import type { CertificateRow, TerminalPage } from '@tax-control/protocol/console';
import { REPORTS_POOL } from '../../database/database.module.js';
import { type InvitationState, listInvitations } from '../../enrolment/invitations.js';
import { readTillWords, type TillWords } from '../../ledger/till-words.js';
import { AuditTrail } from '../../audit-trail/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { listCertificates, type TerminalCertificate } from '../../registry/certificates.js';
import { readFetchedVersion } from '../../registry/fetched-parameters.js';
import { readNewestVersion } from '../../registry/parameters-store.js';
import { findPlacedTerminal, type PlacedTerminal } from '../../registry/terminal-list.js';
import { TableExports } from '../csv/table-exports.js';
import type { TableParameters } from '../query/table-parameters.js';
import { TerminalLists } from './terminal-lists.js';
import { TERMINAL_TABLES } from './terminal-tables.js';
import { TerminalSources } from './terminal-sources.js';

/** One terminal with all that is known of it. */
@Injectable()
export class TerminalPages {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly lists: TerminalLists,
    private readonly sources: TerminalSources,
    private readonly exports: TableExports,
    private readonly trail: AuditTrail,
  ) {}

  /** What an official may not see is answered like what is not there. */
  async read(
    official: SignedInOfficial,
    terminalId: string,
    query: TableParameters,
  ): Promise<TerminalPage | StreamableFile | Problem> {
    const terminal = await findPlacedTerminal(this.pool, official.visiblePremises, terminalId);
    if (terminal === null) return problem('not_on_file');
    await this.trail.record(official, { action: 'terminal.viewed', subject: terminalId, facts: {} });
    return this.exports.report(official, `terminal-${terminalId}`, query, TERMINAL_TABLES, () => this.#page(terminal));
  }

  async #page(terminal: PlacedTerminal): Promise<TerminalPage> {
    const { terminalId } = terminal;
    const [[row], journals, backlog, missing] = await Promise.all([
      this.lists.rows([terminal]),
      this.sources.journals(terminalId),
      this.sources.backlog(terminalId),
      this.sources.missing(terminalId),
    ]);
    if (row === undefined) throw new Error('a terminal has no row of its own');
    const newestJournal = journals[0];
    const words =
      newestJournal === undefined ? null : await readTillWords(this.pool, terminalId, newestJournal.journalId);
    const invitations = await listInvitations(this.pool, terminalId);
    return {
      ...row,
      premisesAddress: terminal.premisesAddress,
      activity: terminal.activity,
      statusReason: terminal.statusReason,
      statusChangedAt: terminal.statusChangedAt.toISOString(),
      certificates: (await listCertificates(this.pool, terminalId)).map(certificateRow),
      journals,
      backlog,
      missing,
      ...toldByTill(words),
      parametersVersion: (await readNewestVersion(this.pool))?.version ?? null,
      fetchedParameters: await readFetchedVersion(this.pool, terminalId),
      openInvitation: openOf(invitations),
    };
  }
}

function certificateRow(certificate: TerminalCertificate): CertificateRow {
  return {
    thumbprint: certificate.thumbprint,
    serial: certificate.serial,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    issuedAt: certificate.issuedAt.toISOString(),
    revokedAt: certificate.revokedAt?.toISOString() ?? null,
    revocationReason: certificate.revocationReason,
    way: certificate.way,
    parent: certificate.parent,
    callerAddress: certificate.callerAddress,
  };
}

function toldByTill(words: TillWords | null): Pick<TerminalPage, 'software' | 'clock'> {
  if (words === null) return { software: null, clock: null };
  const { software, clockOffsetMs, clockOffsetAgeSeconds, registeredAt } = words;
  const at = registeredAt.toISOString();
  return {
    software: { ...software, at },
    clock: clockOffsetMs === null ? null : { offsetMs: clockOffsetMs, ageSeconds: clockOffsetAgeSeconds ?? 0, at },
  };
}

function openOf(invitations: readonly InvitationState[]): TerminalPage['openInvitation'] {
  const open = invitations.find(({ state }) => state === 'open');
  if (open === undefined) return null;
  return {
    createdAt: open.createdAt.toISOString(),
    expiresAt: open.expiresAt.toISOString(),
    wrongTries: open.wrongTries,
    lastWrongTryAt: open.lastWrongTryAt?.toISOString() ?? null,
  };
}
