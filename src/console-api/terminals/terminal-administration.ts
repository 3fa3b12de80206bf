import { Inject, Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { Clock, encodeInvitation, type Problem, problem } from '@tax-control/protocol';
import type {
  CertificateRevocation,
  CertificateRevoked,
  ExcusedTerminal,
  InvitationShown,
  TerminalDraft,
  TerminalStatusName,
} from '@tax-control/protocol/console';
import { Settings } from '../../configuration/settings.js';
import { REPORTS_POOL } from '../../database/database.module.js';
import { inTransaction } from '../../database/transaction.js';
import { createInvitation, endInvitations } from '../../enrolment/invitations.js';
import {
  certificateRevokedEntry,
  invitedEntry,
  registeredEntry,
  statusEntries,
} from '../../enrolment/recovery-entries.js';
import { KeyRing } from '../../keys/key-ring.js';
import { excuseTerminal } from '../../ledger/excuses.js';
import { AuditTrail } from '../../officials/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import { RecoveryLog } from '../../recovery-log/recovery-log.js';
import { revokeCertificate } from '../../registry/certificates.js';
import { readNewestVersion } from '../../registry/parameters-store.js';
import { addTerminal, changeStatus, findTerminal } from '../../registry/terminals.js';

/** What became of a terminal. */
export interface TerminalStatusShown {
  readonly terminalId: string;
  readonly status: TerminalStatusName;
}

/** A certificate of a terminal, as an address names it. */
export interface NamedCertificate {
  readonly terminalId: string;
  readonly thumbprint: string;
}

interface InvitationDraft {
  readonly terminalId: string;
  readonly addresses: readonly string[];
  readonly reason?: string;
}

/** What operators do with terminals; the same as `tax-control terminal`, within their view and in the audit trail. */
@Injectable()
export class TerminalAdministration {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly settings: Settings,
    private readonly trail: AuditTrail,
    private readonly recoveryLog: RecoveryLog,
    private readonly clock: Clock,
  ) {}

  /** The terminal and its invitation come into being together or not at all. */
  async register(official: SignedInOfficial, draft: TerminalDraft): Promise<InvitationShown | Problem> {
    const { terminalId, premisesId } = draft;
    if (!sees(official.visiblePremises, premisesId)) return problem('premises_unknown');
    return inTransaction(this.pool, async (client) => {
      const addresses = await invitationAddresses(client);
      if (addresses.length === 0) return problem('parameters_missing');
      const added = await addTerminal(client, terminalId, premisesId);
      if (added === 'premises_unknown') return problem('premises_unknown');
      if (added === 'exists') return problem('exists_already');
      const facts = { premisesId };
      await this.trail.record(official, { action: 'terminal.registered', subject: terminalId, facts }, client);
      await this.recoveryLog.append(registeredEntry(terminalId, premisesId, this.clock.now()));
      return this.#invite(official, client, { terminalId, addresses });
    });
  }

  /** A new invitation; one that is still open ends with it. */
  async invite(official: SignedInOfficial, terminalId: string, reason: string): Promise<InvitationShown | Problem> {
    return inTransaction(this.pool, async (client) => {
      const terminal = await findTerminal(client, terminalId);
      if (terminal === null || !sees(official.visiblePremises, terminal.premisesId)) return problem('not_on_file');
      if (terminal.status === 'revoked') return problem('status_change_not_allowed');
      const addresses = await invitationAddresses(client);
      if (addresses.length === 0) return problem('parameters_missing');
      return this.#invite(official, client, { terminalId, addresses, reason });
    });
  }

  /** Repeating a change changes nothing and succeeds. */
  async setStatus(
    official: SignedInOfficial,
    terminalId: string,
    status: TerminalStatusName,
    reason: string,
  ): Promise<TerminalStatusShown | Problem> {
    return inTransaction(this.pool, async (client) => {
      const terminal = await findTerminal(client, terminalId);
      if (terminal === null || !sees(official.visiblePremises, terminal.premisesId)) return problem('not_on_file');
      const change = await changeStatus(client, terminalId, status, reason);
      if (change.result === 'unknown') return problem('not_on_file');
      if (change.result === 'not_allowed') return problem('status_change_not_allowed');
      if (status === 'revoked') await endInvitations(client, terminalId);
      if (change.result === 'changed') {
        const facts = { from: terminal.status, to: status };
        const act = { action: 'terminal.status_changed', subject: terminalId, reason, facts } as const;
        await this.trail.record(official, act, client);
        await this.recoveryLog.append(...statusEntries(change.terminal));
      }
      return { terminalId, status };
    });
  }

  /** Waits for it no longer, until the next restore. Repeating it changes nothing and succeeds. */
  async excuse(official: SignedInOfficial, terminalId: string, reason: string): Promise<ExcusedTerminal | Problem> {
    const terminal = await findTerminal(this.pool, terminalId);
    if (terminal === null || !sees(official.visiblePremises, terminal.premisesId)) return problem('not_on_file');
    const record = (client: PoolClient): Promise<void> =>
      this.trail.record(official, { action: 'terminal.excused', subject: terminalId, reason }, client);
    const excused = await excuseTerminal(this.pool, { terminalId, excusedBy: official.name, reason, record });
    return excused ?? problem('terminal_not_waited_for');
  }

  /** Repeating it changes nothing and succeeds. Names what was renewed from the certificate, or revokes that too. */
  async revokeCertificate(
    official: SignedInOfficial,
    { terminalId, thumbprint }: NamedCertificate,
    { reason, descendants = false }: CertificateRevocation,
  ): Promise<CertificateRevoked | Problem> {
    return inTransaction(this.pool, async (client) => {
      const terminal = await findTerminal(client, terminalId);
      if (terminal === null || !sees(official.visiblePremises, terminal.premisesId)) return problem('not_on_file');
      const revocation = await revokeCertificate(client, terminalId, thumbprint, { reason, descendants });
      if (revocation === null) return problem('not_on_file');
      const { revoked } = revocation;
      if (revoked.length > 0) {
        const facts = { thumbprint, revoked };
        const act = { action: 'certificate.revoked', subject: terminalId, reason, facts } as const;
        await this.trail.record(official, act, client);
        const nowMs = this.clock.now();
        await this.recoveryLog.append(...revoked.map((one) => certificateRevokedEntry(terminalId, one, reason, nowMs)));
      }
      return { terminalId, thumbprint, ...revocation };
    });
  }

  /** The secret is in the answer and nowhere else: neither the trail nor the log has it. */
  async #invite(
    official: SignedInOfficial,
    client: PoolClient,
    { terminalId, addresses, reason }: InvitationDraft,
  ): Promise<InvitationShown> {
    const { invitationDays } = this.settings.enrolment;
    const made = await createInvitation(client, terminalId, invitationDays);
    const { secret, expiresAt } = made;
    const facts = { expiresAt: expiresAt.toISOString() };
    const act = { action: 'terminal.invited', subject: terminalId, facts } as const;
    await this.trail.record(official, reason === undefined ? act : { ...act, reason }, client);
    await this.recoveryLog.append(invitedEntry(terminalId, made));
    const caDigest = this.keys.issuingCa().digest;
    const invitation = encodeInvitation({ addresses, caDigest, terminalId, secret });
    return { terminalId, invitation, expiresAt: expiresAt.toISOString() };
  }
}

async function invitationAddresses(client: PoolClient): Promise<readonly string[]> {
  return (await readNewestVersion(client))?.settings.addresses ?? [];
}
