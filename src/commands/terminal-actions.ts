import { type Clock, isProblem } from '@tax-control/protocol';
import { TerminalActs } from '../administration/terminals.js';
import { type InvitationState, listInvitations } from '../enrolment/invitations.js';
import { listCertificates, type TerminalCertificate } from '../registry/certificates.js';
import { type Revocation } from '../registry/terminal-changes.js';
import { findTerminal, type Terminal, type TerminalStatus } from '../registry/terminals.js';
import { withActs } from './acts.js';
import { withDatabase } from './operator-database.js';
import { done, type Outcome, refused, refusedBy } from './outcome.js';
import { table } from './table.js';

/** `suspend`, `resume`, `revoke`. Repeating one changes nothing and succeeds, so that scripts may. */
export function setStatus(
  terminalId: string,
  status: TerminalStatus,
  reason: string | null,
  clock: Clock,
): Promise<Outcome> {
  return withActs(clock, async ({ acts, actor }) => {
    const change = await new TerminalActs(acts, clock).setStatus(actor, terminalId, status, reason);
    if (isProblem(change))
      return refusedBy(change, {
        not_on_file: noTerminal(terminalId),
        status_change_not_allowed:
          `The terminal ${terminalId} is revoked and cannot become ${status}. ` +
          'A revoked terminal stays revoked: register another one.',
      });
    const was = change.isChanged ? 'is now' : 'was already';
    return done(change.terminal, `The terminal ${terminalId} ${was} ${status}.`);
  });
}

/** `excuse`. Repeating it changes nothing and succeeds. */
export function excuse(terminalId: string, reason: string, clock: Clock): Promise<Outcome> {
  return withActs(clock, async ({ acts, actor }) => {
    const excused = await new TerminalActs(acts, clock).excuse(actor, terminalId, reason);
    if (isProblem(excused))
      return refusedBy(excused, {
        not_on_file: noTerminal(terminalId),
        terminal_not_waited_for:
          `Nobody waits for the terminal ${terminalId}: nothing was restored, or it was enrolled later, is revoked, or has said that all it holds ` +
          'is on file. See: tax-control database status',
      });
    const { excusedBy, excusedAt, recoveredAt } = excused.excuse;
    return done(
      excused,
      excused.result === 'known'
        ? `The terminal ${terminalId} was excused before, by ${excusedBy} on ${excusedAt}: ${excused.excuse.reason}`
        : `Nobody waits for the terminal ${terminalId} any more since the restore of ${recoveredAt}. The next restore asks for it again.`,
    );
  });
}

/** `revoke-certificate`. Repeating one changes nothing and succeeds. */
export function revokeOne(
  terminalId: string,
  thumbprint: string,
  { reason, withDescendants: descendants = false }: RevocationOptions,
  clock: Clock,
): Promise<Outcome> {
  return withActs(clock, async ({ acts, actor }) => {
    const how = { reason, descendants };
    const revocation = await new TerminalActs(acts, clock).revokeCertificate(actor, terminalId, thumbprint, how);
    if (isProblem(revocation))
      return refusedBy(revocation, {
        not_on_file: `The terminal ${terminalId} has no certificate ${thumbprint}. See: tax-control terminal show ${terminalId}`,
      });
    return done(revocation, revocationText(terminalId, thumbprint, revocation));
  });
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
    if (terminal === null) return refused(noTerminal(terminalId));
    const certificates = await listCertificates(pool, terminalId);
    const invitations = await listInvitations(pool, terminalId);
    const tables = [terminalTable([terminal]), certificateTable(certificates), invitationTable(invitations)];
    return done({ ...terminal, certificates, invitations }, tables.join('\n\n'));
  });
}

export function noTerminal(terminalId: string): string {
  return `There is no terminal ${terminalId}. See: tax-control terminal list`;
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
