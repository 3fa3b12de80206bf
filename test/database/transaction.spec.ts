import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, Socket } from 'node:net';
import type { Pool, PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sqlFailure } from '../../src/database/sql-failure.js';
import { inTransaction, OutcomeUnknown, TransactionAborted } from '../../src/database/transaction.js';
import { readConsistently } from '../../src/log-analytics/invoices/read-consistently.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { withSuperuser } from '../../tools/local/roles.js';
import { startTemporaryCluster, type TemporaryCluster } from '../support/temporary-cluster.js';
import { testPool } from '../support/pool.js';

/** After it an answer counts as lost; on a busy machine those that come do so within it. */
const LOST_MS = 3_000;

let database: TestDatabase;
let owner: Pool;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = testPool({ connectionString: database.migratorUrl, max: 1 });
  await owner.query(
    `CREATE TABLE note (id int PRIMARY KEY, other int, UNIQUE (other) DEFERRABLE INITIALLY DEFERRED);
     GRANT SELECT, INSERT ON note TO tax_control_server`,
  );
});

beforeEach(async () => {
  await owner.query('TRUNCATE note');
  pool = testPool({ connectionString: database.serverUrl, max: 2 });
});

afterEach(async () => {
  await pool.end();
});

afterAll(async () => {
  await owner.end();
  await database.drop();
});

async function notes(): Promise<number[]> {
  const { rows } = await owner.query<{ id: number }>('SELECT id FROM note ORDER BY id');
  return rows.map(({ id }) => id);
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function cutOff(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  const admin = testPool({ connectionString: database.superuserUrl, max: 1 });
  await admin.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
  await admin.end();
  await ended;
}

describe('inTransaction', () => {
  it('commits, and returns what the work returned', async () => {
    const result = await inTransaction(pool, async (client) => {
      await client.query('INSERT INTO note VALUES (1)');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await notes()).toEqual([1]);
    expect(pool.idleCount).toBe(1);
  });

  it('rolls back and passes on what the work threw, and the session serves again', async () => {
    const bug = new Error('a bug');
    const failure = await failureOf(
      inTransaction(pool, async (client) => {
        await client.query('INSERT INTO note VALUES (1)');
        throw bug;
      }),
    );
    expect(failure).toBe(bug);
    expect(await notes()).toEqual([]);
    expect(pool.idleCount).toBe(1);
    expect(pool.totalCount).toBe(1);
  });

  it('keeps the first error when the roll-back fails too, and does not give the session back', async () => {
    const first = new Error('the first');
    const failure = await failureOf(
      inTransaction(pool, async (client) => {
        await cutOff(client);
        throw first;
      }),
    );
    expect(failure).toBe(first);
    expect(pool.totalCount).toBe(0);
    await inTransaction(pool, (client) => client.query('INSERT INTO note VALUES (2)'));
    expect(await notes()).toEqual([2]);
  });

  it('does not report success when the work hid that a statement failed', async () => {
    const failure = await failureOf(
      inTransaction(pool, async (client) => {
        await client.query('INSERT INTO note VALUES (1)');
        await client.query('INSERT INTO note VALUES (1)').catch(() => undefined);
      }),
    );
    expect(failure).toBeInstanceOf(TransactionAborted);
    expect(await notes()).toEqual([]);
  });

  it('passes on a refusal that comes with COMMIT: that one is certain', async () => {
    const failure = await failureOf(
      inTransaction(pool, (client) => client.query('INSERT INTO note VALUES (1, 7), (2, 7)')),
    );
    expect(sqlFailure(failure)).toMatchObject({ kind: 'conflict', constraint: 'note_other_key' });
    expect(await notes()).toEqual([]);
  });

  it('survives a session that is cut while nothing runs on it', async () => {
    const failure = await failureOf(
      inTransaction(pool, async (client) => {
        await cutOff(client);
        await client.query('INSERT INTO note VALUES (1)');
      }),
    );
    expect(sqlFailure(failure).kind).toBe('unavailable');
    expect(await notes()).toEqual([]);
  });

  it.each(['cut', 'silent'] as const)(
    'says that the outcome is unknown when the line is %s after COMMIT',
    async (fault) => {
      const line = await openLine(database.serverUrl);
      const through = testPool({ connectionString: line.url, max: 1, query_timeout: LOST_MS });
      through.on('error', () => undefined);
      const failure = await failureOf(
        inTransaction(through, async (client) => {
          await client.query('INSERT INTO note VALUES (1)');
          line.swallowAnswers(fault);
        }),
      );
      await through.end();
      await line.close();
      expect(line.swallowed()).toBeGreaterThan(0);
      expect(failure).toBeInstanceOf(OutcomeUnknown);
      // The answer was lost, the row was not.
      expect(await notes()).toEqual([1]);
    },
  );
});

describe.each([true, false])('a last statement with COMMIT behind it (pipelined: %s)', (pipeline) => {
  let sending: Pool;

  beforeEach(() => {
    sending = testPool({ connectionString: database.serverUrl, max: 1, pipeline });
    return () => sending.end();
  });

  it('is committed when it returns', async () => {
    const result = await inTransaction(sending, async (client, commitWith) => {
      const { rowCount } = await commitWith((session) => session.query('INSERT INTO note VALUES (1), (2)'));
      expect(await notes()).toEqual([1, 2]);
      return rowCount;
    });
    expect(result).toBe(2);
    expect(sending.idleCount).toBe(1);
  });

  it('passes on its own error, with everything rolled back, and the session serves again', async () => {
    const failure = await failureOf(
      inTransaction(sending, async (client, commitWith) => {
        await client.query('INSERT INTO note VALUES (1)');
        await commitWith((session) => session.query('INSERT INTO note VALUES (1)'));
      }),
    );
    expect(sqlFailure(failure)).toMatchObject({ kind: 'conflict', constraint: 'note_pkey' });
    expect(await notes()).toEqual([]);
    await inTransaction(sending, (client) => client.query('INSERT INTO note VALUES (2)'));
    expect(await notes()).toEqual([2]);
    expect(sending.totalCount).toBe(1);
  });

  it('takes no second statement, which would be no part of the transaction', async () => {
    const failure = await failureOf(
      inTransaction(sending, (_client, commitWith) =>
        commitWith(async (session) => {
          await session.query('INSERT INTO note VALUES (1)');
          await session.query('INSERT INTO note VALUES (2)');
        }),
      ),
    );
    expect(String(failure)).toContain('one statement goes along with COMMIT');
    expect(await notes()).not.toContain(2);
  });

  it('passes on a refusal that comes with COMMIT', async () => {
    const failure = await failureOf(
      inTransaction(sending, (client, commitWith) =>
        commitWith((session) => session.query('INSERT INTO note VALUES (1, 7), (2, 7)')),
      ),
    );
    expect(sqlFailure(failure)).toMatchObject({ kind: 'conflict', constraint: 'note_other_key' });
    expect(await notes()).toEqual([]);
  });

  it.each(['cut', 'silent'] as const)(
    'is committed or not, and says what it knows, when the line is %s behind it',
    async (fault) => {
      const line = await openLine(database.serverUrl);
      const through = testPool({ connectionString: line.url, max: 1, query_timeout: LOST_MS, pipeline });
      through.on('error', () => undefined);
      const failure = await failureOf(
        inTransaction(through, async (client, commitWith) => {
          await client.query('SELECT 1');
          line.swallowAnswers(fault);
          await commitWith((session) => session.query('INSERT INTO note VALUES (1)'));
        }),
      );
      await through.end();
      await line.close();
      expect(line.swallowed()).toBeGreaterThan(0);
      // Sent together, both arrived; one after the other, COMMIT was never sent, and so nothing is there.
      expect([failure instanceof OutcomeUnknown, sqlFailure(failure).kind === 'unavailable']).toEqual(
        pipeline ? [true, false] : [false, true],
      );
      await expect.poll(notes).toEqual(pipeline ? [1] : []);
    },
  );
});

it('gives a session no statement while it works on another one, unless it is pipelined', async () => {
  const plain = testPool({ connectionString: database.serverUrl, max: 1 });
  const isBusyAtQuery: boolean[] = [];
  plain.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>;
    let running = 0;
    Object.assign(client, {
      query: async (...given: unknown[]) => {
        isBusyAtQuery.push(running > 0);
        running += 1;
        return query(...given).finally(() => (running -= 1));
      },
    });
  });
  await inTransaction(plain, (client) => client.query('INSERT INTO note VALUES (1)'));
  await inTransaction(plain, (client, commitWith) =>
    commitWith((session) => session.query('INSERT INTO note VALUES (2)')),
  );
  await readConsistently(plain, (client) => client.query('SELECT 1'));
  expect(isBusyAtQuery).toEqual(Array.from({ length: 10 }, () => false));
  expect(await notes()).toEqual([1, 2]);
  await plain.end();
});

/** Counts how often it is written to. */
class CountingSocket extends Socket {
  writes = 0;

  override _write(...[chunk, encoding, done]: Parameters<Socket['_write']>): void {
    this.writes += 1;
    super._write(chunk, encoding, done);
  }

  override _writev(...[chunks, done]: Parameters<NonNullable<Socket['_writev']>>): void {
    this.writes += 1;
    super._writev?.(chunks, done);
  }
}

it('writes to the line once for BEGIN and what goes with it, and once for the last statement and COMMIT', async () => {
  const socket = new CountingSocket();
  const counted = testPool({ connectionString: database.serverUrl, max: 1, pipeline: true, stream: () => socket });
  await counted.query('SELECT 1');
  const before = socket.writes;
  await inTransaction(counted, async (client, commitWith) => {
    // As far as the end of the turn, not of the call.
    await Promise.resolve();
    await Promise.all([client.query('SELECT $1::int', [1]), client.query('SELECT $1::int', [2])]);
    expect(socket.writes - before).toBe(1);
    await commitWith((session) => session.query('INSERT INTO note VALUES ($1)', [1]));
  });
  expect(socket.writes - before).toBe(2);
  expect(await notes()).toEqual([1]);
  await counted.end();
});

describe('inTransaction with a synchronous standby that does not answer', () => {
  let cluster: TemporaryCluster;

  beforeAll(async () => {
    cluster = await startTemporaryCluster();
  });

  afterAll(async () => {
    await cluster.delete();
  });

  it('does not take the warning of PostgreSQL for a commit', async () => {
    await withSuperuser(cluster.address.superuserUrl, async (superuser) => {
      await superuser.query('CREATE TABLE note (id int)');
      await superuser.query(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
    });
    await cluster.stop();
    await cluster.start();
    const waiting = testPool({ connectionString: cluster.address.superuserUrl, max: 1 });
    const attempt = failureOf(inTransaction(waiting, (client) => client.query('INSERT INTO note VALUES (1)')));
    await withSuperuser(cluster.address.superuserUrl, async (superuser) => {
      const cancel = `SELECT pg_cancel_backend(pid) AS cancelled FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
      await expect.poll(async () => (await superuser.query(cancel)).rows).toEqual([{ cancelled: true }]);
    });
    const failure = await attempt;
    await waiting.end();
    expect(failure).toBeInstanceOf(OutcomeUnknown);
    expect(failure).toMatchObject({ cause: { message: expect.stringContaining('synchronous replication') } });
  });
});

/** A line to PostgreSQL on which, from some moment on, questions still arrive and answers do not. */
async function openLine(target: string): Promise<{
  readonly url: string;
  swallowAnswers(fault: 'cut' | 'silent'): void;
  swallowed(): number;
  close(): Promise<void>;
}> {
  const sockets: Socket[] = [];
  let fault: 'cut' | 'silent' | undefined;
  let swallowed = 0;
  const server: Server = createServer((near) => {
    const far = connect(Number(new URL(target).port), '127.0.0.1');
    sockets.push(near, far);
    near.on('error', () => undefined).on('close', () => far.destroy());
    far.on('error', () => undefined).on('close', () => near.destroy());
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      if (fault === undefined) near.write(chunk);
      else swallowed += chunk.length;
      if (fault === 'cut') near.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    swallowAnswers: (which) => (fault = which),
    swallowed: () => swallowed,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
