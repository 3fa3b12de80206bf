import type { Clock } from '@tax-control/protocol';
import { inTransaction } from '../database/transaction.js';
import { certificateRevokedEntry, statusEntries } from '../enrolment/recovery-entries.js';
import { endInvitations, type InvitationState, listInvitations } from '../enrolment/invitations.js';
import {
  listCertificates,
  revokeCertificate,
  type Revocation,
  type TerminalCertificate,
} from '../registry/certificates.js';
import { changeStatus, findTerminal, type Terminal, type TerminalStatus } from '../registry/terminals.js';
import { commandRecoveryLog } from './command-recovery-log.js';
import { withDatabase } from './operator-database.js';
import { done, type NotDone, type Outcome, refused } from './outcome.js';
import { recordCommand } from './record-command.js';
import { table } from './table.js';

/** `suspend`, `resume`, `revoke`. Repeating one changes nothing and succeeds, so that scripts may. */
export function setStatus(
  terminalId: string,
  status: TerminalStatus,
  reason: string | null,
  clock: Clock,
): Promise<Outcome> {
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
        await commandRecoveryLog(clock).append(...statusEntries(change.terminal));
      }
      const was = change.result === 'unchanged' ? 'was already' : 'is now';
      return done(change.terminal, `The terminal ${terminalId} ${was} ${status}.`);
    }),
  );
}

/** `revoke-certificate`. Repeating one changes nothing and succeeds. */
export function revokeOne(
  terminalId: string,
  thumbprint: string,
  how: RevocationOptions,
  clock: Clock,
): Promise<Outcome> {
  const { reason, withDescendants: descendants = false } = how;
  return withDatabase((pool) =>
    inTransaction(pool, async (client) => {
      const revocation = await revokeCertificate(client, terminalId, thumbprint, { reason, descendants });
      if (revocation === null)
        return refused(
          `The terminal ${terminalId} has no certificate ${thumbprint}. See: tax-control terminal show ${terminalId}`,
        );
      const { revoked } = revocation;
      if (revoked.length > 0) {
        await recordCommand(client, {
          action: 'certificate.revoked',
          subject: terminalId,
          reason,
          facts: { thumbprint, revoked },
        });
        const nowMs = clock.now();
        const entries = revoked.map((one) => certificateRevokedEntry(terminalId, one, reason, nowMs));
        await commandRecoveryLog(clock).append(...entries);
      }
      return done({ terminalId, thumbprint, ...revocation }, revocationText(terminalId, thumbprint, revocation));
    }),
  );
}

export interface RevocationOptions {
  readonly reason: string;
  readonly withDescendants?: boolean;
}

function revocationText(terminalId: string, thumbprint: string, { revoked, inForce }: Revocation): string {
  const was = revoked.includes(thumbprint) ? 'is now' : 'was already';
  const others = revoked.filter((one) => one !== thumbprint);
  return [
    `The certificate ${thumbprint} ${was} revoked.`,
    ...(others.length === 0 ? [] : ['Revoked with it, because they were renewed from it:', ...others]),
    ...(inForce.length === 0
      ? []
      : [
          'These certificates were renewed from it and are still in force. Whoever had its key may have their keys too:',
          ...inForce,
          `To revoke them too: tax-control terminal revoke-certificate ${terminalId} ${thumbprint} --reason TEXT ` +
            '--with-descendants',
          `The till then needs a new invitation: tax-control terminal invite ${terminalId}`,
        ]),
  ].join('\n');
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
    ['INVITATION', 'MADE', 'GOOD UNTIL', 'WRONG TRIES', 'LAST WRONG TRY'],
    invitations.map((one) => [
      one.state,
      one.createdAt.toISOString(),
      one.expiresAt.toISOString(),
      String(one.wrongTries),
      one.lastWrongTryAt?.toISOString() ?? '',
    ]),
  );
}

function certificateTable(certificates: readonly TerminalCertificate[]): string {
  return table(
    ['CERTIFICATE', 'VALID FROM', 'VALID UNTIL', 'CAME BY', 'FROM ADDRESS', 'RENEWED FROM', 'REVOKED'],
    certificates.map((one) => [
      one.thumbprint,
      one.notBefore.toISOString(),
      one.notAfter.toISOString(),
      one.way,
      one.callerAddress ?? '',
      one.parent ?? '',
      one.revokedAt === null ? '' : `${one.revokedAt.toISOString()} ${one.revocationReason ?? ''}`,
    ]),
  );
}
