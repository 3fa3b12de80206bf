import type { PoolClient } from 'pg';
import { type Clock, encodeInvitation, isProblem, type Problem, problem } from '@tax-control/protocol';
import type {
  CertificateRevocation,
  CertificateRevoked,
  ExcusedTerminal,
  TerminalStatusName,
} from '@tax-control/protocol/console';
import type { AuditedAct } from '../audit-trail/audited-act.js';
import { createInvitations, endInvitations } from '../enrolment/invitations.js';
import {
  certificateRevokedEntry,
  invitedEntry,
  registeredEntry,
  statusEntries,
} from '../enrolment/recovery-entries.js';
import { excuseTerminal } from '../ledger/excuse-changes.js';
import { sees } from '../officials/view.js';
import type { RecoveryEntry } from '../recovery-log/entries.js';
import { findInvitable, type InvitableTerminals, type PlacedId } from '../registry/fleet.js';
import { readNewestVersion } from '../registry/parameters-store.js';
import { unknownPremises } from '../registry/taxpayers.js';
import { findTerminal, type Terminal } from '../registry/terminals.js';
import { addTerminals, changeStatus, lockTerminals, revokeCertificate } from '../registry/terminal-changes.js';
import type { Acted, Acts } from './act.js';
import { type Actor, nameOf } from './actor.js';

/** Rows of one statement: some tens of milliseconds, far below any time limit. */
const CHUNK_ROWS = 1_000;

/** A new invitation, which exists nowhere else: neither the audit trail nor the recovery log has its secret. */
export interface MadeInvitation {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly addresses: readonly string[];
  readonly invitation: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/**
 * What the invitations of an act have in common.
 * @property addresses of servers; null: those of the newest parameters
 * @property caDigest SHA-256 of the authority's certificate, base64url: what tills pin
 * @property handOver takes the invitations before the commit, so that none is good that nobody has; if it fails, none is
 * @property progress is told how many of them are made
 */
export interface InvitationOrder {
  readonly addresses: readonly string[] | null;
  readonly caDigest: string;
  readonly validDays: number;
  readonly handOver?: (made: readonly MadeInvitation[]) => Promise<void>;
  readonly progress?: (made: number) => void;
}

/** What became of a terminal; `isChanged` false: it had the status before. */
export interface StatusChange {
  readonly terminal: Terminal;
  readonly isChanged: boolean;
}

/** What operators do with terminals. Each is refused as `not_on_file` outside of the actor's view. */
export class TerminalActs {
  constructor(
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  /** Registers one terminal with its invitation. @returns as {@link register} */
  async registerOne(actor: Actor, place: PlacedId, order: InvitationOrder): Promise<MadeInvitation | Problem> {
    const made = await this.register(actor, [place], null, order);
    return isProblem(made) ? made : only(made);
  }

  /**
   * Registers terminals with an invitation for each: all, or none.
   * @param source name of the file that lists them; null: one alone
   * @returns premises_unknown, parameters_missing, or exists_already if one of them is registered
   */
  register(
    actor: Actor,
    places: readonly PlacedId[],
    source: string | null,
    order: InvitationOrder,
  ): Promise<readonly MadeInvitation[] | Problem> {
    return this.acts.perform(actor, async (sql) => {
      const premises = [...new Set(places.map(({ premisesId }) => premisesId))];
      if (!premises.every((one) => sees(actor.visiblePremises, one))) return problem('premises_unknown');
      const addresses = await addressesOf(sql, order);
      if (addresses.length === 0) return problem('parameters_missing');
      if ((await unknownPremises(sql, premises)).length > 0) return problem('premises_unknown');
      for (const chunk of chunksOf(places))
        if ((await addTerminals(sql, chunk)).size < chunk.length) return problem('exists_already');
      const invited = await invite(sql, places, { ...order, addresses });
      const trail = places.map(({ terminalId, premisesId }): AuditedAct => ({
        action: 'terminal.registered',
        subject: terminalId,
        facts: { premisesId, source },
      }));
      const nowMs = this.clock.now();
      const recovery = places.map(({ terminalId, premisesId }) => registeredEntry(terminalId, premisesId, nowMs));
      return {
        result: invited.result,
        trail: [...trail, ...invited.trail],
        recovery: [...recovery, ...invited.recovery],
      };
    });
  }

  /**
   * A new invitation for a terminal; one that is still open ends with it.
   * @returns not_on_file, status_change_not_allowed for a revoked terminal, or parameters_missing
   */
  async invite(
    actor: Actor,
    terminalId: string,
    reason: string | null,
    order: InvitationOrder,
  ): Promise<MadeInvitation | Problem> {
    return this.acts.perform(actor, async (sql) => {
      const terminal = await findVisible(sql, actor, terminalId);
      if (terminal === null) return problem('not_on_file');
      // Only now nobody can revoke it meanwhile.
      const status = (await lockTerminals(sql, [terminalId])).get(terminalId);
      if (status === 'revoked') return problem('status_change_not_allowed');
      const addresses = await addressesOf(sql, order);
      if (addresses.length === 0) return problem('parameters_missing');
      const { result, trail, recovery } = await invite(sql, [terminal], { ...order, addresses }, reason);
      return { result: only(result), trail, recovery };
    });
  }

  /**
   * A new invitation for each terminal of a filter; open ones end. All, or none.
   * @returns parameters_missing
   */
  inviteMany(
    actor: Actor,
    wanted: InvitableTerminals,
    order: InvitationOrder,
  ): Promise<readonly MadeInvitation[] | Problem> {
    return this.acts.perform(actor, async (sql) => {
      const addresses = await addressesOf(sql, order);
      if (addresses.length === 0) return problem('parameters_missing');
      const found = (await findInvitable(sql, wanted)).filter((one) => sees(actor.visiblePremises, one.premisesId));
      const statuses = await lockTerminals(
        sql,
        found.map(({ terminalId }) => terminalId),
      );
      const places = found.filter(({ terminalId }) => statuses.get(terminalId) !== 'revoked');
      return invite(sql, places, { ...order, addresses });
    });
  }

  /**
   * Suspends, resumes or revokes. Repeating a change changes nothing and succeeds.
   * @returns not_on_file, or status_change_not_allowed: a revoked terminal stays revoked
   */
  setStatus(
    actor: Actor,
    terminalId: string,
    status: TerminalStatusName,
    reason: string | null,
  ): Promise<StatusChange | Problem> {
    return this.acts.perform<StatusChange>(actor, async (sql) => {
      if ((await findVisible(sql, actor, terminalId)) === null) return problem('not_on_file');
      const change = await changeStatus(sql, terminalId, status, reason);
      if (change.result === 'unknown') return problem('not_on_file');
      if (change.result === 'not_allowed') return problem('status_change_not_allowed');
      if (change.result === 'unchanged') return { result: { terminal: change.terminal, isChanged: false }, trail: [] };
      if (status === 'revoked') await endInvitations(sql, terminalId);
      const facts = { from: change.from, to: status };
      return {
        result: { terminal: change.terminal, isChanged: true },
        trail: [{ action: 'terminal.status_changed', subject: terminalId, reason, facts }],
        recovery: statusEntries(change.terminal),
      };
    });
  }

  /**
   * Waits for a terminal no longer, until the next restore. Repeating it changes nothing and succeeds.
   * @returns not_on_file or terminal_not_waited_for
   */
  excuse(actor: Actor, terminalId: string, reason: string): Promise<ExcusedTerminal | Problem> {
    return this.acts.perform(actor, async (sql) => {
      if ((await findVisible(sql, actor, terminalId)) === null) return problem('not_on_file');
      const excused = await excuseTerminal(sql, { terminalId, excusedBy: nameOf(actor), reason });
      if (excused === null) return problem('terminal_not_waited_for');
      const isNew = excused.result === 'excused';
      return {
        result: excused,
        trail: isNew ? [{ action: 'terminal.excused', subject: terminalId, reason, facts: {} }] : [],
      };
    });
  }

  /**
   * Revokes a certificate for ever, and names what was renewed from it, or revokes that too. Repeating it changes nothing and succeeds.
   * @returns not_on_file
   */
  revokeCertificate(
    actor: Actor,
    terminalId: string,
    thumbprint: string,
    { reason, descendants = false }: CertificateRevocation,
  ): Promise<CertificateRevoked | Problem> {
    return this.acts.perform<CertificateRevoked>(actor, async (sql) => {
      if ((await findVisible(sql, actor, terminalId)) === null) return problem('not_on_file');
      const revocation = await revokeCertificate(sql, terminalId, thumbprint, { reason, descendants });
      if (revocation === null) return problem('not_on_file');
      const { revoked } = revocation;
      const result = { terminalId, thumbprint, ...revocation };
      if (revoked.length === 0) return { result, trail: [] };
      const nowMs = this.clock.now();
      return {
        result,
        trail: [{ action: 'certificate.revoked', subject: terminalId, reason, facts: { thumbprint, revoked } }],
        recovery: revoked.map((one) => certificateRevokedEntry(terminalId, one, reason, nowMs)),
      };
    });
  }
}

/** A terminal that is registered and within the actor's view. */
async function findVisible(sql: PoolClient, actor: Actor, terminalId: string): Promise<Terminal | null> {
  const terminal = await findTerminal(sql, terminalId);
  return terminal !== null && sees(actor.visiblePremises, terminal.premisesId) ? terminal : null;
}

/** The addresses for invitations; none, where neither the order nor any parameters have some. */
async function addressesOf(sql: PoolClient, { addresses }: InvitationOrder): Promise<readonly string[]> {
  return addresses ?? (await readNewestVersion(sql))?.settings.addresses ?? [];
}

/** Makes an invitation for each terminal, in their order, and hands them over. */
async function invite(
  sql: PoolClient,
  places: readonly PlacedId[],
  order: InvitationOrder & { readonly addresses: readonly string[] },
  reason: string | null = null,
): Promise<Required<Acted<readonly MadeInvitation[]>>> {
  const { addresses, caDigest, validDays } = order;
  const result: MadeInvitation[] = [];
  const trail: AuditedAct[] = [];
  const recovery: RecoveryEntry[] = [];
  for (const chunk of chunksOf(places)) {
    const ids = chunk.map(({ terminalId }) => terminalId);
    const created = await createInvitations(sql, ids, validDays);
    for (const { terminalId, premisesId } of chunk) {
      const one = created.get(terminalId);
      if (one === undefined) throw new Error('a till was left out');
      const expiresAt = one.expiresAt.toISOString();
      const invitation = encodeInvitation({ addresses, caDigest, terminalId, secret: one.secret });
      result.push({ terminalId, premisesId, addresses, invitation, expiresAt });
      trail.push({ action: 'terminal.invited', subject: terminalId, reason, facts: { expiresAt } });
      recovery.push(invitedEntry(terminalId, one));
    }
    order.progress?.(result.length);
  }
  await order.handOver?.(result);
  return { result, trail, recovery };
}

function only([made]: readonly MadeInvitation[]): MadeInvitation {
  if (made === undefined) throw new Error('a till was left out');
  return made;
}

function* chunksOf<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) yield rows.slice(start, start + CHUNK_ROWS);
}
