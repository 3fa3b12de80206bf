import type { Pool, PoolClient } from 'pg';
import { SessionSilent, type SilentSessions } from './session-silent.js';
import { isOutage, sqlFailure } from './sql-failure.js';

/**
 * The connection was lost, or the standby did not confirm, while COMMIT was under way: the transaction may be there for ever or not at all.
 * Nobody may be told that it is done, nor that it is not; asking again under the same identity finds out.
 */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';

  constructor(cause: unknown) {
    super('outcome unknown: the database did not confirm the commit', { cause });
  }
}

/** `work` swallowed an error: PostgreSQL rolled back where we asked it to commit. A bug of the caller. */
export class TransactionAborted extends Error {
  override readonly name = 'TransactionAborted';

  constructor() {
    super('the transaction was rolled back: a statement in it failed, and its error was not passed on');
  }
}

/** SQLSTATE of a notice that is no warning; severities come translated, codes do not. */
const SUCCESSFUL_COMPLETION = '00000';

/**
 * Sends the transaction's last statement and COMMIT behind it in one go, which saves the journey to the database and back between them.
 * `last` sends exactly one statement, at once, by the session that it is given; that session throws at a second one.
 *
 * @returns what `last` returned, once COMMIT is confirmed
 */
export type CommitWith = <R>(last: (session: OneStatement) => Promise<R>) => Promise<R>;

/** The session, for a single statement: a second one would be sent behind COMMIT, and be no part of the transaction. */
export type OneStatement = Pick<PoolClient, 'query'>;

/** How long a transaction waits, in milliseconds. */
export interface TransactionBounds {
  /** For a lock that another transaction holds; then its statement fails with SQLSTATE 55P03. */
  readonly lockMs: number;
  /** Until COMMIT is sent. A session that has not answered by then is dropped: nothing was committed in it. */
  readonly workMs: number;
  readonly silent: SilentSessions;
}

/**
 * Runs `work` in one transaction (READ COMMITTED) on a session of the driver's own pool (`dataSource.driver.master`), which
 * costs half of what TypeORM's query() does. What `work` sends first goes along with BEGIN where the pool is pipelined, as the server's
 * is (data-source.ts). Not retried here: who calls knows whether its work may run twice.
 *
 * @param work may end with `commitWith`; otherwise COMMIT is sent when it has returned
 * @param bounds without them a statement may take what the pool's limits allow
 * @returns what `work` returned, once COMMIT is confirmed and never before
 * @throws what `work` threw, after rolling back, whatever becomes of the roll-back
 * @throws {@link OutcomeUnknown} when COMMIT may or may not have happened
 * @throws {@link SessionSilent} when `bounds.workMs` were over; nothing was committed
 * @throws {@link TransactionAborted} when `work` hid a failed statement
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient, commitWith: CommitWith) => Promise<T>,
  bounds?: TransactionBounds,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  let isCommitted = false;
  const stopWaiting = bounds === undefined ? waitOn : dropWhenSilent(client, bounds);
  const commitWith: CommitWith = async (last) => {
    stopWaiting();
    const result = await commitBehind(client, last);
    isCommitted = true;
    return result;
  };
  try {
    const result = await beginAndWork(client, begin(bounds), () => work(client, commitWith));
    stopWaiting();
    if (!isCommitted) await commit(client);
    return result;
  } catch (error) {
    broken = await endFailed(client, error);
    throw error;
  } finally {
    stopWaiting();
    client.release(broken);
  }
}

/**
 * A session that is not pipelined (of commands, say) sends one statement after the other anyway; giving it another one while it works is
 * deprecated in pg 8 and gone in pg 9.
 */
async function beginAndWork<T>(client: PoolClient, beginning: string, work: () => Promise<T>): Promise<T> {
  if (!client.pipeline) {
    await client.query(beginning);
    return work();
  }
  sendTogether(client);
  const [, result] = await Promise.all([client.query(beginning), work()]);
  return result;
}

/** One message, so that the limit costs no journey. */
function begin(bounds: TransactionBounds | undefined): string {
  return bounds === undefined ? 'BEGIN' : `BEGIN; SET LOCAL lock_timeout = ${bounds.lockMs}`;
}

/**
 * Drops the session when the time is over, unless its answer is here by then: a program that was held up itself reads the answer first.
 *
 * @returns ends the waiting
 */
function dropWhenSilent(client: PoolClient, { workMs, silent }: TransactionBounds): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(() => {
      if (silent.mayDrop()) client.connection.stream.destroy(new SessionSilent(workMs));
    });
  }, workMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

async function commitBehind<R>(client: PoolClient, last: (session: OneStatement) => Promise<R>): Promise<R> {
  const session = forOneStatement(client);
  if (!client.pipeline) {
    const result = await last(session);
    await commit(client);
    return result;
  }
  sendTogether(client);
  const [statement, commitment] = await Promise.allSettled([last(session), commit(client)]);
  if (statement.status === 'rejected') {
    // COMMIT was under way with it: only PostgreSQL's own word is proof that it was rolled back.
    throw lostConnection(statement.reason) ? new OutcomeUnknown(statement.reason) : statement.reason;
  }
  if (commitment.status === 'rejected') throw commitment.reason;
  return statement.value;
}

function forOneStatement(client: PoolClient): OneStatement {
  let isSent = false;
  const query = (...sent: Parameters<PoolClient['query']>): unknown => {
    if (isSent)
      throw new Error('one statement goes along with COMMIT: a second one would be no part of the transaction');
    isSent = true;
    return client.query(...sent);
  };
  // The driver's signatures are many; each is passed on as it is.
  return { query: query as PoolClient['query'] };
}

/** What is sent before this turn of the event loop ends goes out in one write; each costs both sides some microseconds. */
function sendTogether({ connection: { stream } }: PoolClient): void {
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/**
 * Rolls back what failed.
 *
 * @returns why the session must not be used again; undefined if it is fit
 */
async function endFailed(client: PoolClient, error: unknown): Promise<Error | undefined> {
  // A session of unknown state: a roll-back could wait for ever behind what hangs there.
  if (error instanceof OutcomeUnknown || (error instanceof Error && lostConnection(error))) return error;
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (rollbackError) {
    return rollbackError instanceof Error ? rollbackError : new Error('ROLLBACK failed');
  }
}

async function commit(client: PoolClient): Promise<void> {
  let notConfirmed: Error | undefined;
  // Whoever cancels the waiting for a synchronous standby leaves us a warning, and a COMMIT that looks well.
  const noteWarning = (notice: { code?: string | undefined; message?: string | undefined }): void => {
    if (notice.code !== SUCCESSFUL_COMPLETION) notConfirmed = new Error(`COMMIT warned: ${notice.message ?? ''}`);
  };
  client.on('notice', noteWarning);
  let command: string;
  try {
    ({ command } = await client.query('COMMIT'));
  } catch (error) {
    const { kind } = sqlFailure(error);
    // With any other error PostgreSQL says for certain that it rolled back.
    throw kind === 'unavailable' || kind === 'unknown' ? new OutcomeUnknown(error) : error;
  } finally {
    client.off('notice', noteWarning);
  }
  if (notConfirmed !== undefined) throw new OutcomeUnknown(notConfirmed);
  if (command !== 'COMMIT') throw new TransactionAborted();
}

/** Without a state of its own, it was not PostgreSQL that answered. */
function lostConnection(error: unknown): boolean {
  return isOutage(error) && sqlFailure(error).sqlState === undefined;
}

function waitOn(): void {}
