import { type Clock, problem, type Problem } from '@tax-control/protocol';
import type { Pool, PoolClient } from 'pg';
import { LookUps } from '../database/look-ups.js';
import { SilentSessions } from '../database/session-silent.js';
import { inTransaction, OutcomeUnknown } from '../database/transaction.js';
import type { KeyRing } from '../keys/key-ring.js';
import { type FiledInvoice, findRows } from '../ledger/find-rows.js';
import { identityKey, type InvoiceIdentity } from '../ledger/identity.js';
import { insertInvoices } from '../ledger/insert-invoices.js';
import { lockForList, lockWhatIsFree } from '../ledger/lock.js';
import type { Refusals } from '../ledger/refusals.js';
import { type Candidate, reserveNumbers } from '../ledger/reserve-numbers.js';
import type { Log } from '../observability/log.js';
import type { Parameters } from '../registry/parameters.js';
import { type AuthenticInvoice, type GivenReceipt, identityOf } from './authentic-invoice.js';
import { commitFailure, isOfDatabase } from './commit-failure.js';
import { CommitBounds, type Locks } from './commit-bounds.js';
import { CommitMeasure } from './commit-measure.js';
import { draftInvoices } from './draft-invoices.js';
import type { Rules } from './judge-warnings.js';
import { OriginalsOfList } from './originals-of-list.js';
import { type IssueOutcome, outcomesOf, type Settled } from './outcome.js';
import { shopNumberOf } from './numbers-of-list.js';
import { recordConflicts } from './record-conflicts.js';
import { findWaiting } from './waiting.js';

/**
 * Times that a list is tried whole. Locks and rows are taken in one order, so a second collision is not expected; of sessions that hang, two
 * may be met, and then a transaction that holds a lock.
 */
const ATTEMPTS_MAX = 3;
/** For a list that found no way through: the others are through by then. */
const COLLISION_RETRY_AFTER_MS = 1_000;
/** For an invoice whose journal another transaction holds: one that hangs is ended by people, or by its machine's coming back. */
const HELD_RETRY_AFTER_MS = 5_000;
/** Invoices of a list that may wait for a lock one after the other; then more would wait for the same, and the rest are not tried. */
const HELD_ALONE_MAX = 2;

/** The only place where a code is born. It knows authenticated terminals and checked invoices, no door and no wire. */
export class Issuance {
  readonly commits = new CommitMeasure();
  private readonly bounds: CommitBounds;
  private readonly lookUps: LookUps;

  /** @param answerMs how long a sale's list may wait in the database, in milliseconds */
  constructor(
    private readonly pool: Pool,
    private readonly keys: KeyRing,
    private readonly parameters: Parameters,
    private readonly log: Log,
    private readonly refusals: Refusals,
    private readonly clock: Clock,
    answerMs: number,
  ) {
    this.bounds = new CommitBounds(answerMs, new SilentSessions(pool.options.max));
    this.lookUps = new LookUps(pool);
  }

  /**
   * Gives each invoice of a list its code and returns an outcome for each, in the order of the list. An invoice that has its code already
   * gets the very same receipt; the same identity with other content is refused. What is returned is committed.
   *
   * @throws OutcomeUnknown when nobody knows whether the list was committed (sending the same again finds out); what the driver
   * threw when the database is away: then nothing was committed
   */
  async issue(list: readonly AuthenticInvoice[]): Promise<IssueOutcome[]> {
    if (list.length === 0) return [];
    const rules = await this.parameters.current();
    // (0) One of each identity goes in; a twin in the same list gets what the first one gets.
    const distinct = new Map(list.toReversed().map((authentic) => [identityKey(identityOf(authentic)), authentic]));
    const inOrder = list.filter((authentic) => distinct.get(identityKey(identityOf(authentic))) === authentic);
    // (1) to (7), see commit
    const settled = await this.settle(inOrder, rules);
    // (8) Only what is committed is told, and what is refused is written down before.
    const outcomes = outcomesOf(list, distinct, settled);
    return recordConflicts(this.refusals, list, outcomes);
  }

  /**
   * Takes back an invoice that has its code already, with the receipt that was given for it: it is stored as it was before it was forgotten, and
   * counts in its own time. The outcome as of {@link issue}; `already_issued`: it is on file.
   *
   * @throws as {@link issue}
   */
  async restore(authentic: AuthenticInvoice & { readonly given: GivenReceipt }): Promise<IssueOutcome> {
    const [outcome] = await this.issue([authentic]);
    if (outcome === undefined) throw new Error('issuance returned no outcome for an invoice');
    return outcome;
  }

  /**
   * The transaction: every code comes this way, and there is no other.
   *
   * @param locks unless `all`, invoices whose locks another transaction holds are left out, and deferred
   */
  private async commit(whole: readonly AuthenticInvoice[], rules: Rules, locks: Locks): Promise<Settled> {
    const beganMs = performance.now();
    // (1) and (7): inTransaction begins and commits, and returns only when the commit is confirmed.
    const { list, drafts, sequences } = await inTransaction(
      this.pool,
      async (client, commitWith) => {
        // (2) What is judged against other invoices is judged one list after the other.
        const originals = await OriginalsOfList.of(
          client,
          whole.map(({ invoice }) => invoice),
        );
        const list = locks === 'all' ? whole : await freeOf(client, whole, originals);
        // (3) A number for each that is not on file, before anything is done with it; then the facts. All go to the database together and
        // are worked off in this order, each with a view of its own, so the facts are those behind the locks.
        const [, reservations] = await Promise.all([
          lockForList(
            client,
            list.flatMap(({ invoice }) => originals.locksFor(invoice)),
          ),
          reserveNumbers(client, this.keys.environment, list.map(candidateOf)),
          originals.load(client),
        ]);
        const waiting = await findWaiting(client, list, reservations, rules.offlineLimits.invoicesMax);
        // (4) Warnings, code, receipt.
        const { keys, clock } = this;
        const drafts = draftInvoices({ list, reservations, originals, waiting, rules, keys, nowMs: clock.now() });
        // (5) The ledger's constraint decides which of two is first.
        const sequences = await commitWith((session) => insertInvoices(session, drafts.invoices));
        return { list, drafts, sequences };
      },
      this.bounds.of(whole, locks),
    );
    this.commits.committed(list.length, beganMs);
    this.bounds.silent.answered();
    const entered = drafts.invoices.filter(({ facts }) => sequences.has(facts.sequence));
    const issued = new Map(entered.map((invoice) => [identityKey(invoice.facts), invoice]));
    // (6) What was on file, or came in between, is read in a statement of its own: the one above does not see it.
    const others = list
      .filter((authentic) => !drafts.behind.includes(authentic))
      .map(identityOf)
      .filter((identity) => !issued.has(identityKey(identity)));
    const onFile = others.length > 0 ? await this.findOnFile(others) : new Map<string, FiledInvoice>();
    const leftOut = whole.filter((authentic) => !list.includes(authentic));
    return {
      deferred: merged([deferred(leftOut, HELD).deferred, deferred(drafts.behind, BEHIND).deferred]),
      issued,
      onFile,
      lastCounters: drafts.lastCounters,
      forgotten: drafts.forgotten,
    };
  }

  /** What fails here fails behind the commit: of those that were issued nobody may be told that they were not. */
  private findOnFile(identities: readonly InvoiceIdentity[]): Promise<Map<string, FiledInvoice>> {
    return findRows(this.lookUps, identities).catch((error: unknown) => {
      throw new OutcomeUnknown(error);
    });
  }

  /**
   * Commits a list, whatever it takes: whole again when two lists collided or a session hung, without those that a hanging transaction holds,
   * one by one when the database did not take one of it, so that neither one bad row nor one held journal fails its neighbours. An outage
   * ends it.
   */
  private async settle(list: readonly AuthenticInvoice[], rules: Rules, locks: Locks = 'all'): Promise<Settled> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.commit(list, rules, locks);
      } catch (error) {
        const failure = commitFailure(error);
        this.commits.failed(failure, error);
        if (failure === 'outage') throw error;
        if (attempt < ATTEMPTS_MAX && (failure === 'collision' || failure === 'silent')) continue;
        if (failure === 'silent') throw error;
        if (failure === 'collision')
          return deferred(list, problem('server_busy', { retryAfterMs: COLLISION_RETRY_AFTER_MS }));
        if (failure === 'held' && locks === 'all') {
          locks = 'free';
          continue;
        }
        if (list.length > 1) return this.settleOneByOne(list, rules);
        if (failure === 'held') throw error;
        const requestId = list[0]?.arrival.attemptId ?? null;
        this.log.error('an invoice could not be stored', { requestId, invoices: list.map(identityOf) }, error);
        return deferred(list, problem(isOfDatabase(error) ? 'row_refused' : 'internal_error'));
      }
    }
  }

  /** Each in a transaction of its own. What an outage leaves over is deferred: some of the list may be committed by then. */
  private async settleOneByOne(list: readonly AuthenticInvoice[], rules: Rules): Promise<Settled> {
    const parts: Settled[] = [];
    let heldAlone = 0;
    for (const [index, authentic] of list.entries()) {
      if (heldAlone === HELD_ALONE_MAX) {
        parts.push(deferred(list.slice(index), HELD));
        break;
      }
      const part = this.settle([authentic], rules, 'alone').catch((error: unknown) => {
        if (commitFailure(error) === 'held') heldAlone += 1;
        return deferred(
          [authentic],
          problem(error instanceof OutcomeUnknown ? 'outcome_unknown' : 'database_unavailable'),
        );
      });
      parts.push(await part);
    }
    return {
      issued: merged(parts.map(({ issued }) => issued)),
      onFile: merged(parts.map(({ onFile }) => onFile)),
      lastCounters: merged(parts.map(({ lastCounters }) => lastCounters)),
      forgotten: new Set(parts.flatMap(({ forgotten }) => [...forgotten])),
      deferred: merged(parts.map(({ deferred }) => deferred)),
    };
  }
}

/** Another transaction holds its journal or its original; nothing was done with it. */
const HELD: Problem = problem('server_busy', { retryAfterMs: HELD_RETRY_AFTER_MS });

/** The database is an older copy, as its terminal says; it can prove it. */
const BEHIND: Problem = problem('server_behind');

/** The invoices of a list whose journal and original nobody else holds; theirs are locked now. */
async function freeOf(
  client: PoolClient,
  list: readonly AuthenticInvoice[],
  originals: OriginalsOfList,
): Promise<AuthenticInvoice[]> {
  const free = await lockWhatIsFree(
    client,
    list.flatMap(({ invoice }) => originals.locksFor(invoice)),
  );
  return list.filter(({ invoice }) => originals.locksFor(invoice).every((uuid) => free.has(uuid)));
}

function candidateOf(authentic: AuthenticInvoice): Candidate {
  const { journalId, counter } = authentic.invoice;
  const newestCode = authentic.arrival.newestCode ?? null;
  return { ...identityOf(authentic), journalId, counter, number: shopNumberOf(authentic.invoice), newestCode };
}

function deferred(list: readonly AuthenticInvoice[], cause: Problem): Settled {
  return {
    issued: new Map(),
    onFile: new Map(),
    lastCounters: new Map(),
    forgotten: new Set(),
    deferred: new Map(list.map((authentic) => [identityKey(identityOf(authentic)), cause])),
  };
}

function merged<Key, Value>(parts: readonly ReadonlyMap<Key, Value>[]): Map<Key, Value> {
  return new Map(parts.flatMap((part) => [...part]));
}
