import { Client } from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Office, openOffice, receiptOf } from '../issuance/office.js';

let office: Office;

beforeEach(async () => {
  office = await openOffice();
  // A session looks for a deadlock once, this long after it began to wait; by then the test must have closed the circle.
  await office.ground.superuser.query(`ALTER DATABASE ${office.ground.database.name} SET deadlock_timeout = '1500ms'`);
  return () => office.close();
});

/** A session of somebody else in the middle of a transaction. */
async function stranger(): Promise<Client> {
  const client = new Client({ connectionString: office.ground.database.superuserUrl });
  await client.connect();
  await client.query('BEGIN');
  return client;
}

/** Sessions of the server that wait for a lock. */
function waiting(): Promise<number> {
  return sessions(`usename <> current_user AND datname = current_database() AND wait_event_type = 'Lock'`);
}

async function sessions(condition: string): Promise<number> {
  const { rows } = await office.ground.superuser.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM pg_stat_activity WHERE ${condition}`,
  );
  return rows[0]!.count;
}

/** Deadlocks of this database so far. A session tells of its own when it ends, so the server's sessions are ended. */
async function deadlocks(): Promise<number> {
  await office.pool.end();
  await expect.poll(() => sessions(`usename <> current_user AND datname = current_database()`)).toBe(0);
  const { rows } = await office.ground.superuser.query<{ deadlocks: string }>(
    `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`,
  );
  return Number(rows[0]!.deadlocks);
}

/** The advisory lock of a journal, as src/ledger/lock.ts takes it. */
function lockOf(uuid: string): number {
  return Number.parseInt(uuid.slice(-12), 16);
}

async function codesOnFile(terminalIds: readonly string[]): Promise<string[]> {
  const { rows } = await office.ground.superuser.query<{ code: string }>(
    'SELECT code FROM ledger WHERE terminal_id = ANY ($1) ORDER BY code',
    [terminalIds],
  );
  return rows.map(({ code }) => code);
}

describe('two lists in opposite orders at once', () => {
  it('wait for each other in one direction only: no deadlock, each invoice once', async () => {
    const tills = await Promise.all(Array.from({ length: 6 }, () => office.till()));
    const list = await Promise.all(tills.map((till) => till.sale()));
    // Somebody holds the journal in the middle, so that both lists are under way when it is let go.
    const middle = list.map(({ invoice }) => lockOf(invoice.journalId)).toSorted((one, two) => one - two)[2];
    const other = await stranger();
    await other.query('SELECT pg_advisory_xact_lock($1)', [middle]);
    const both = [office.issuance.issue(list), office.issuance.issue(list.toReversed())];
    await expect.poll(waiting).toBe(2);
    await other.query('ROLLBACK');
    const [one, two] = await Promise.all(both);
    await other.end();
    const results = [...one!, ...two!].map(({ result }) => result.result);
    expect(results.filter((result) => result === 'issued')).toHaveLength(6);
    expect(results.filter((result) => result === 'already_issued')).toHaveLength(6);
    expect(one!.map(({ result }) => receiptOf(result))).toEqual(
      two!.toReversed().map(({ result }) => receiptOf(result)),
    );
    expect(await codesOnFile(tills.map(({ terminalId }) => terminalId))).toHaveLength(6);
    expect(await deadlocks()).toBe(0);
  });

  it('hold for rows too: a stranger’s uncommitted twin in the middle delays both, and nobody is killed', async () => {
    const till = await office.till();
    const list = [await till.sale(), await till.sale(), await till.sale()];
    const other = await stranger();
    await insertTwin(other, list[1]!.invoice.id, till.terminalId, list[1]!.digest);
    const both = [office.issuance.issue(list), office.issuance.issue(list.toReversed())];
    await expect.poll(waiting).toBe(2);
    await other.query('ROLLBACK');
    const results = (await Promise.all(both)).flat().map(({ result }) => result.result);
    await other.end();
    expect(results.filter((result) => result === 'issued')).toHaveLength(3);
    expect(await codesOnFile([till.terminalId])).toHaveLength(3);
    expect(await deadlocks()).toBe(0);
  });
});

describe('a deadlock with somebody else', () => {
  it('makes the list begin again in a new transaction, and it is issued', async () => {
    const tills = await Promise.all([office.till(), office.till()]);
    const list = await Promise.all(tills.map((till) => till.sale()));
    const [low, high] = list.map(({ invoice }) => lockOf(invoice.journalId)).toSorted((one, two) => one - two);
    const other = await stranger();
    await other.query(`SET LOCAL deadlock_timeout = '1min'`);
    await other.query('SELECT pg_advisory_xact_lock($1)', [high]);
    const issuing = office.issuance.issue(list);
    await expect.poll(waiting).toBe(1);
    // The list holds the low one and waits for the high one; now the circle closes, and the list is the one that notices.
    await other.query('SELECT pg_advisory_xact_lock($1)', [low]);
    await expect.poll(waiting).toBe(1);
    await other.query('ROLLBACK');
    await other.end();
    expect((await issuing).map(({ result }) => result.result)).toEqual(['issued', 'issued']);
    expect(await deadlocks()).toBe(1);
  });
});

describe('the same invoice in many requests at once', () => {
  it('gets one code, and everybody the same receipt', async () => {
    const till = await office.till();
    const sale = await till.sale();
    const all = await Promise.all(Array.from({ length: 8 }, () => office.issuance.issue([sale])));
    const results = all.flat().map(({ result }) => result);
    expect(results.filter(({ result }) => result === 'issued')).toHaveLength(1);
    expect(results.filter(({ result }) => result === 'already_issued')).toHaveLength(7);
    expect(new Set(results.map((result) => 'receipt' in result && result.receipt)).size).toBe(1);
    expect(await codesOnFile([till.terminalId])).toHaveLength(1);
  });

  it.each([
    ['the same content', true, { result: 'already_issued' }],
    ['other content', false, { result: 'refused', problem: { code: 'identity_conflict' } }],
  ])('is read in a second statement when a twin of %s was committed in between', async (_case, isSame, expected) => {
    const till = await office.till();
    const sale = await till.sale();
    const other = await stranger();
    await insertTwin(other, sale.invoice.id, till.terminalId, isSame ? sale.digest : Buffer.alloc(32, 1));
    const issuing = office.issuance.issue([sale]);
    // It has its number by now, and waits for the other one's row.
    await expect.poll(waiting).toBe(1);
    await other.query('COMMIT');
    await other.end();
    expect((await issuing)[0]!.result).toMatchObject(expected);
    expect(await codesOnFile([till.terminalId])).toHaveLength(1);
  });
});

/** A row of the same identity, as another instance would write it. */
async function insertTwin(client: Client, invoiceId: string, terminalId: string, digest: Buffer): Promise<void> {
  await client.query(
    `INSERT INTO ledger (sequence, code, terminal_id, invoice_id, digest, taxpayer_id, premises_id, journal_id, counter, type, kind,
                         number, issued_at, business_day, currency, total, door, registered_at, receipt_key, receipt_signature)
     SELECT sequence, lpad(sequence::text, 12, '0') || '00000000', $1, $2, $3, 'taxpayer-1', 'premises-1', gen_random_uuid(), 1,
            'normal', 'sale', 'R-1', now(), current_date, 'GBP', 1, 'issue', now(), 'kid', $4
     FROM nextval('tax_control_number_test') AS sequence`,
    [terminalId, invoiceId, digest, Buffer.alloc(64)],
  );
}
