import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeptTables } from '../../src/log-analytics/kept/kept-tables.js';
import { PinoLog } from '../../src/observability/pino-log.js';
import { type FactsGround, insertAttempts, insertSales, makeFactsGround, placesOf, registerPlaces } from './facts.js';
import { generateDay } from './generated-outages.js';

const MINUTE_MS = 60_000;
const start = Date.UTC(2026, 9, 5, 10);

/** All that is kept, as text, so that two states can be compared. */
const SNAPSHOT = `
  SELECT (SELECT json_agg(kept ORDER BY terminal_id, started_at) FROM failure_interval AS kept) AS failures,
         (SELECT json_agg(kept ORDER BY day, terminal_id) FROM terminal_activity AS kept) AS activity,
         (SELECT json_agg(kept ORDER BY terminal_id, journal_id) FROM journal_summary AS kept) AS journals,
         (SELECT json_agg(to_jsonb(kept) - 'found_at' ORDER BY kind, terminal_id, counter) FROM journal_fault AS kept) AS faults,
         (SELECT json_agg(kept ORDER BY month, terminal_id) FROM terminal_month AS kept) AS months,
         (SELECT json_agg(kept ORDER BY business_day, terminal_id) FROM terminal_closing AS kept) AS closings,
         (SELECT json_agg(kept ORDER BY terminal_id) FROM terminal_sign AS kept) AS signs`;

let ground: FactsGround;
beforeAll(async () => {
  ground = await makeFactsGround();
});
afterAll(() => ground.clear());

async function failuresOf(terminalId: string): Promise<unknown[]> {
  const { rows } = await ground.superuser.query(
    `SELECT started_at AS start, ended_at AS end, failures, cause FROM failure_interval WHERE terminal_id = $1 ORDER BY 1`,
    [terminalId],
  );
  return rows;
}

describe('kept tables', () => {
  it('take a sale that was asked again for no attempt: it neither failed nor shows that the line is back', async () => {
    await registerPlaces(ground.superuser, placesOf(['asked-again']));
    const at = (minutes: number): number => start + minutes * MINUTE_MS;
    await insertAttempts(ground.superuser, [
      { terminalId: 'asked-again', at: at(0), cause: null },
      { terminalId: 'asked-again', at: at(1), cause: 'no_route' },
      { terminalId: 'asked-again', at: at(20), cause: 'no_route' },
      { terminalId: 'asked-again', at: at(30), cause: null },
    ]);
    await ground.superuser.query(
      `INSERT INTO transaction_log_entry (terminal_id, entry_id, at, received_at, door, invoice_id, outcome, counted_cause)
       SELECT 'asked-again', gen_random_uuid(), at, at, 'issue', gen_random_uuid(), 'repeated', ''
       FROM unnest($1::timestamptz[]) AS at`,
      [[10, 40].map((minutes) => new Date(at(minutes)))],
    );
    await ground.kept.catchUp();
    expect(await failuresOf('asked-again')).toEqual([
      { start: new Date(at(1)), end: new Date(at(30)), failures: 2, cause: 'no_route' },
    ]);
  });

  it('hold the same whoever fills them, how often, in how many instances, and after everything was forgotten', async () => {
    const day = generateDay({ seed: 21, kind: 'premises', noise: { blipShare: 0.05, ownOutageShare: 0.2 } });
    await registerPlaces(ground.superuser, day.places);
    const other = new KeptTables(ground.server, new PinoLog('error', { write: () => undefined }));
    const soldAt = [...day.attempts].toSorted((one, two) => one.at - two.at).slice(0, 3_000);
    for (let from = 0; from < soldAt.length; from += 500) {
      const part = soldAt.slice(from, from + 500);
      await insertAttempts(ground.superuser, part);
      await insertSales(
        ground.superuser,
        part.map(({ terminalId, at }, index) => ({
          terminalId,
          soldAt: at,
          counter: from + index + 1,
          kind: index % 7 === 0 ? 'refund' : 'sale',
          type: index % 11 === 0 ? 'training' : 'normal',
          ...(index % 13 === 0 ? { warnings: ['clock_off'] } : {}),
        })),
      );
      await Promise.all([ground.kept.catchUp(), other.catchUp()]);
    }
    const { rows: kept } = await ground.superuser.query(SNAPSHOT);
    const counts = await ground.superuser.query<{ sales: string; refunds: string; trainings: string }>(
      'SELECT sum(sales) AS sales, sum(refunds) AS refunds, sum(trainings) AS trainings FROM terminal_month',
    );
    const recount = await ground.superuser.query(
      `SELECT count(*) FILTER (WHERE type = 'normal' AND kind = 'sale') AS sales,
              count(*) FILTER (WHERE type = 'normal' AND kind = 'refund') AS refunds,
              count(*) FILTER (WHERE type = 'training') AS trainings FROM ledger`,
    );
    expect(counts.rows).toEqual(recount.rows);
    await ground.superuser.query('SELECT forget_incident_tables()');
    await Promise.all([other.catchUp(), ground.kept.catchUp()]);
    expect((await ground.superuser.query(SNAPSHOT)).rows).toEqual(kept);
  });

  it('take the server’s word for an attempt until the till’s own comes', async () => {
    const till = 'heard-by-server';
    await registerPlaces(ground.superuser, placesOf([till]));
    const attemptId = randomUUID();
    await insertAttempts(ground.superuser, [{ terminalId: till, at: start, cause: null }]);
    await ground.superuser.query(
      `INSERT INTO server_event (terminal_id, attempt_id, at, door, outcome, cause)
       VALUES ($1, $2, $3, 'issue', 'not_authenticated', 'terminal_suspended')`,
      [till, attemptId, new Date(start + MINUTE_MS)],
    );
    await ground.kept.catchUp();
    expect(await failuresOf(till)).toEqual([
      { start: new Date(start + MINUTE_MS), end: null, failures: 1, cause: 'terminal_suspended' },
    ]);
    await ground.superuser.query(
      `INSERT INTO transaction_log_entry (terminal_id, entry_id, at, received_at, door, invoice_id, outcome, cause, counted_cause)
       VALUES ($1, $2, $3, $3, 'issue', $4, 'failed', 'answer_timeout', 'answer_timeout')`,
      [till, attemptId, new Date(start + 2 * MINUTE_MS), randomUUID()],
    );
    await ground.kept.catchUp();
    expect(await failuresOf(till)).toEqual([
      { start: new Date(start + 2 * MINUTE_MS), end: null, failures: 1, cause: 'answer_timeout' },
    ]);
  });

  it('leave out attempts of no real time, which are a sign of the till all the same', async () => {
    const till = 'of-1970';
    await registerPlaces(ground.superuser, placesOf([till]));
    await ground.superuser.query(
      `INSERT INTO transaction_log_entry (terminal_id, entry_id, at, received_at, door, invoice_id, outcome, cause, counted_cause)
       SELECT $1, gen_random_uuid(), at, $2, 'issue', gen_random_uuid(), 'failed', 'no_route', 'no_route'
       FROM unnest(ARRAY['1970-01-01'::timestamptz, '2100-01-01']) AS at`,
      [till, new Date(start)],
    );
    await ground.kept.catchUp();
    expect(await failuresOf(till)).toEqual([]);
    const { rows } = await ground.superuser.query(
      `SELECT last_sign_at, (SELECT count(*)::integer FROM terminal_activity WHERE terminal_id = $1) AS days
       FROM terminal_sign WHERE terminal_id = $1`,
      [till],
    );
    expect(rows).toEqual([{ last_sign_at: new Date(start), days: 0 }]);
  });
});
