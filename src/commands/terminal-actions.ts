import { inTransaction } from '../database/transaction.js';
import { certificateRevokedEntry, statusEntries } from '../enrolment/recovery-entries.js';
import { endInvitations, type InvitationState, listInvitations } from '../enrolment/invitations.js';
import { listCertificates, revokeCertificate, type TerminalCertificate } from '../registry/certificates.js';
import { changeStatus, findTerminal, type Terminal, type TerminalStatus } from '../registry/terminals.js';
import { commandRecoveryLog } from './command-recovery-log.js';
import { withDatabase } from './operator-database.js';
import { done, type NotDone, type Outcome, refused } from './outcome.js';
import { recordCommand } from './record-command.js';
import { table } from './table.js';

/** `suspend`, `resume`, `revoke`. Repeating one changes nothing and succeeds, so that scripts may. */
export function setStatus(terminalId: string, status: TerminalStatus, reason: string | null): Promise<Outcome> {
  return withDatabase((pool) =>
    inTransaction(pool, async (client) => {
      const change = await changeStatus(client, terminalId, status, reason);
      if (change.result === 'unknown') return unknownTerminal(terminalId);
      if (change.result === 'not_allowed')
        return refused(
          `The terminal ${terminalId} is ${change.terminal.status} and cannot become ${status}. ` +
            'A revoked terminal stays revoked: register another one.',
        );
      if (status === 'revoked') await endInvitations(client, terminalId);
      if (change.result === 'changed') {
        await recordCommand(client, {
          action: 'terminal.status_changed',
          subject: terminalId,
          reason,
          facts: { status },
        });
        await commandRecoveryLog().append(...statusEntries(change.terminal));
      }
      const was = change.result === 'unchanged' ? 'was already' : 'is now';
      return done(change.terminal, `The terminal ${terminalId} ${was} ${status}.`);
    }),
  );
}

/** `revoke-certificate` */
export function revokeOne(terminalId: string, thumbprint: string, reason: string): Promise<Outcome> {
  return withDatabase((pool) =>
    inTransaction(pool, async (client) => {
      const result = await revokeCertificate(client, terminalId, thumbprint, reason);
      if (result === 'unknown')
        return refused(
          `The terminal ${terminalId} has no certificate ${thumbprint}. See: tax-control terminal show ${terminalId}`,
        );
      if (result !== 'unchanged') {
        await recordCommand(client, {
          action: 'certificate.revoked',
          subject: terminalId,
          reason,
          facts: { thumbprint },
        });
        await commandRecoveryLog().append(certificateRevokedEntry(terminalId, thumbprint, reason));
      }
      const was = result === 'unchanged' ? 'was already' : 'is now';
      return done({ terminalId, thumbprint, result }, `The certificate ${thumbprint} ${was} revoked.`);
    }),
  );
}

/** `show` */
export function show(terminalId: string): Promise<Outcome> {
  return withDatabase(async (pool) => {
    const terminal = await findTerminal(pool, terminalId);
    if (terminal === null) return unknownTerminal(terminalId);
    const certificates = await listCertificates(pool, terminalId);
    const invitations = await listInvitations(pool, terminalId);
    const tables = [terminalTable([terminal]), certificateTable(certificates), invitationTable(invitations)];
    return done({ ...terminal, certificates, invitations }, tables.join('\n\n'));
  });
}

export function unknownTerminal(terminalId: string): NotDone {
  return refused(`There is no terminal ${terminalId}. See: tax-control terminal list`);
}

function terminalTable(terminals: readonly Terminal[]): string {
  return table(
    ['TERMINAL', 'PREMISES', 'TAXPAYER', 'STATUS', 'SINCE', 'REASON'],
    terminals.map((one) => [
      one.terminalId,
      one.premisesId,
      one.taxpayerId,
      one.status,
      one.statusChangedAt.toISOString(),
      one.statusReason ?? '',
    ]),
  );
}

function invitationTable(invitations: readonly InvitationState[]): string {
  return table(
    ['INVITATION', 'MADE', 'GOOD UNTIL', 'WRONG TRIES'],
    invitations.map((one) => [
      one.state,
      one.createdAt.toISOString(),
      one.expiresAt.toISOString(),
      String(one.wrongTries),
    ]),
  );
}

function certificateTable(certificates: readonly TerminalCertificate[]): string {
  return table(
    ['CERTIFICATE', 'VALID FROM', 'VALID UNTIL', 'REVOKED'],
    certificates.map((one) => [
      one.thumbprint,
      one.notBefore.toISOString(),
      one.notAfter.toISOString(),
      one.revokedAt === null ? '' : `${one.revokedAt.toISOString()} ${one.revocationReason ?? ''}`,
    ]),
  );
}
